import { type QrRequest, qrTarget, readQrRequest } from '@messtrack/ingest/domain/qr-request.ts';
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
  | { readonly kind: 'ok'; readonly signs: readonly Sign[] }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

const OWN_COLUMNS = new Set(['workspace', 'placement', 'label']);
const MAX_SIGNS = 5_000;

/** A line per sign: `placement`, and if wanted `workspace`, `label` and any parameter of GET /qr. Everything that is wrong at once, by line. */
export function readSigns(csv: string, source: SheetSource): ReadSigns {
  let rows: readonly { readonly info: { readonly lines: number }; readonly record: Readonly<Record<string, string>> }[];
  try {
    rows = parse(csv, {
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
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
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'ok', signs };
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
