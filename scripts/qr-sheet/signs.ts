import { findPlacement } from '@messtrack/ingest/domain/placement.ts';
import { QR_PARAMETERS, type QrRequest, qrTarget, readQrRequest } from '@messtrack/ingest/domain/qr-request.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { CsvError, parse } from 'csv-parse/sync';

/** One sign of the sheet. */
export interface Sign {
  /** Printed below the code; empty: nothing. */
  readonly label: string;
  /** Address the code holds. */
  readonly target: string;
  /** Name of its file without ending, unique within the sheet. */
  readonly file: string;
  readonly request: QrRequest;
}

export interface SheetSource {
  readonly workspaces: ReadonlyMap<string, Workspace>;
  /** Workspace of lines that name none; undefined: every line must. */
  readonly workspace: string | undefined;
  /** Scheme and host of workspaces that name no public_url. */
  readonly base: string;
  /** Parameters of GET /qr for all codes; those of a line come first. */
  readonly parameters: ReadonlyMap<string, string>;
}

export type ReadSigns =
  /** `warnings`: nothing is wrong with the file, but what it makes is seldom meant. */
  | { readonly kind: 'ok'; readonly signs: readonly Sign[]; readonly warnings: readonly string[] }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/** As the parser tells of a row. */
interface RowInfo {
  readonly lines: number;
  /** How many columns it has. */
  readonly index: number;
  readonly columns: ArrayLike<unknown>;
  /** It has another number of columns than the header. */
  readonly error?: CsvError;
}

const OWN_COLUMNS = new Set(['workspace', 'placement', 'label']);
const MAX_SIGNS = 5_000;

/** A line per sign: `placement`, and if wanted `workspace`, `label` and any parameter of GET /qr. Everything that is wrong at once, by line. */
export function readSigns(bytes: Uint8Array, source: SheetSource): ReadSigns {
  const csv = textOf(bytes);
  if (csv === undefined) return { kind: 'problems', problems: ['is no text in UTF-8; in a spreadsheet save it as "CSV UTF-8"'] };
  let rows: readonly { readonly info: RowInfo; readonly record: Readonly<Record<string, string>> }[];
  try {
    rows = parse(csv, {
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      delimiter: delimiterOf(csv),
      trim: true,
      skip_empty_lines: true,
      // Spreadsheets leave lines of nothing but separators behind.
      skip_records_with_empty_values: true,
      info: true,
      // Every row in a wrong number of columns is a problem of its own, below: the parser ends at the first.
      relax_column_count: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { kind: 'problems', problems: [`is no CSV with a header: ${error.message}`] };
  }
  if (rows.length === 0)
    return { kind: 'problems', problems: ['holds no sign; the first line names the columns, of which "placement" is needed'] };
  if (rows.length > MAX_SIGNS)
    return { kind: 'problems', problems: [`holds ${rows.length} signs; at most ${MAX_SIGNS} fit into one sheet`] };

  const problems: string[] = [];
  const signs: Sign[] = [];
  const files = new Set<string>();
  for (const { info, record } of rows) {
    const at = `line ${info.lines}`;
    if (info.error !== undefined) {
      problems.push(`${at}: has ${info.index} ${info.index === 1 ? 'column' : 'columns'} where the header has ${info.columns.length}`);
      continue;
    }
    const workspaceName = record['workspace'] || source.workspace;
    const workspace = workspaceName === undefined ? undefined : source.workspaces.get(workspaceName);
    const placement = workspace?.placements.get(record['placement'] ?? '');
    if (workspace === undefined || placement === undefined) {
      problems.push(
        workspace === undefined
          ? `${at}: names no workspace of the folder; write its name into a column "workspace" or give --workspace`
          : `${at}: names no placement of ${workspace.name}; write its name into the column "placement"`,
      );
      continue;
    }
    // What the redirect would refuse must not be printed.
    const found = findPlacement(source.workspaces, workspace.name, placement.name);
    if (found.kind !== 'ok') {
      problems.push(`${at}: ${found.message}`);
      continue;
    }
    const own = Object.entries(record).filter(([name, value]) => !OWN_COLUMNS.has(name) && value !== '');
    const read = readQrRequest(new Map([...source.parameters, ...own]));
    if (read.kind === 'problems') {
      problems.push(...read.problems.map(({ path, message }) => `${at}: ${path} ${message}`));
      continue;
    }
    const label = record['label'] ?? '';
    const target = qrTarget(workspace.publicUrl || source.base, workspace.name, placement, read.request);
    signs.push({ label, target, file: freeName(`${placement.name}${label === '' ? '' : `-${label}`}`, files), request: read.request });
  }
  if (problems.length > 0) return { kind: 'problems', problems };
  const columns = [...source.parameters.keys(), ...Object.keys(rows[0]!.record)];
  return { kind: 'ok', signs, warnings: [...unknownColumns(columns), ...sameTargets(signs)] };
}

/** A misspelt utm_content makes a hundred signs one. */
function unknownColumns(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => name !== '' && !OWN_COLUMNS.has(name) && !QR_PARAMETERS.has(name));
  return unknown.length === 0 ? [] : [`no parameter of a code, left out: ${unknown.join(', ')}`];
}

/** Copies of one sign share its label too. */
function sameTargets(signs: readonly Sign[]): readonly string[] {
  const byTarget = Map.groupBy(signs, ({ target }) => target);
  const shared = [...byTarget].filter(([, those]) => new Set(those.map(({ label }) => label)).size > 1);
  return shared.map(
    ([target, those]) => `${those.length} signs with different labels lead to ${target} and cannot be told apart; give each a utm_content`,
  );
}

/** UTF-8, or the UTF-16 that spreadsheets call "Unicode text"; undefined: neither. A mark of the byte order is left out. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Spreadsheets separate by what the system's language does: a semicolon where the comma is in numbers. The header has names only, so it shows. */
function delimiterOf(csv: string): string {
  const [header = ''] = csv.trimStart().split(/[\r\n]/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best), ',');
}

/** Letters, digits and dashes of any language, so that no label leaves the folder or breaks on a file system. */
function freeName(wish: string, taken: Set<string>): string {
  const plain = wish
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  let name = plain;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${plain}-${n}`;
  taken.add(name.toLowerCase());
  return name;
}
