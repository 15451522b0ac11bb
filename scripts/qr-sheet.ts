/** `npm run qr-sheet`: QR codes for many signs from one CSV, as a PDF to print or a zip of SVG files. */
import { readFile, writeFile } from 'node:fs/promises';
import { qrSvg } from '@messtrack/ingest/adapters/qr-image.ts';
import { QR_PARAMETERS } from '@messtrack/ingest/domain/qr-request.ts';
import { WorkspaceError } from '@messtrack/workspace/problem.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { strToU8, zipSync } from 'fflate';
import { readOptions } from './command-line/read-options.ts';
import { BASE_RULE, linkBase } from './links/base.ts';
import { perPage, sheetPdf, unprintable } from './qr-sheet/pdf.ts';
import { readSigns, type Sign } from './qr-sheet/signs.ts';

const HELP = `npm run qr-sheet -- SIGNS.csv --out FILE [options]

Makes the QR codes of many signs. SIGNS.csv has a header and a line per sign: "placement", and if wanted "workspace", "label" (printed below
the code), "utm_content" and other utm_* (which tell signs of one placement apart), and any other parameter of GET /qr (level, quiet, color, …).
Commas, semicolons or tabs, UTF-8 or a spreadsheet's "Unicode text", at most 5,000 signs.
FILE ends with .pdf (A4, vector, ready to print) or .zip (one SVG per sign and targets.csv). Nothing is written while a line has a problem.

  --out FILE          .pdf or .zip
  --workspaces DIR    folder of workspace files (MESSTRACK_WORKSPACES, else examples/workspaces)
  --workspace NAME    workspace of lines that name none
  --base URL          scheme and host of the links, where a workspace names no public_url (PUBLIC_URL)
  --set NAME=VALUE    a parameter of GET /qr for all signs; may be given again: --set level=H --set logo=20
  --size-mm N         side of a code in the PDF, 15 to 180 (default 50)
  --font FILE         TrueType or OpenType font of the labels, needed beyond Western European letters
`;

const { values, positionals } = readOptions('qr-sheet', {
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    out: { type: 'string' },
    workspaces: { type: 'string', default: process.env['MESSTRACK_WORKSPACES'] ?? 'examples/workspaces' },
    workspace: { type: 'string' },
    base: { type: 'string', default: process.env['PUBLIC_URL'] ?? '' },
    set: { type: 'string', multiple: true, default: [] },
    'size-mm': { type: 'string', default: '50' },
    font: { type: 'string' },
  },
});

if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await main();

function refuse(...lines: readonly string[]): number {
  process.stderr.write(`${lines.join('\n')}\n`);
  return 2;
}

async function main(): Promise<number> {
  const [csvFile] = positionals;
  const { out = '', font } = values;
  const sizeMm = Number(values['size-mm']);
  const format = /\.(pdf|zip)$/i.exec(out)?.[1]?.toLowerCase();
  if (csvFile === undefined || format === undefined) return refuse('give one CSV file and --out FILE.pdf or FILE.zip; --help says more');
  if (!(sizeMm >= 15 && sizeMm <= 180)) return refuse('--size-mm must be a number from 15 to 180');
  const parameters = values.set.map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  const broken = values.set.find((pair) => !pair.includes('='));
  if (broken !== undefined) return refuse(`--set ${broken} must be NAME=VALUE`);
  const unknown = parameters.find(([name]) => !QR_PARAMETERS.has(name));
  if (unknown !== undefined) return refuse(`--set ${unknown[0]} is no parameter of a code; there are ${[...QR_PARAMETERS].join(', ')}`);

  const warn = (_fields: object, message: string) => void process.stderr.write(`${message}\n`);
  const log = { info: () => {}, warn, error: warn };
  const registry = await openWorkspaces({ dir: values.workspaces, env: process.env, log, watch: false }).catch((error: unknown) => {
    if (error instanceof WorkspaceError) return error;
    throw error;
  });
  if (registry instanceof WorkspaceError) return refuse(registry.message);
  const workspaces = registry.current();
  await registry.close();
  const base = values.base === '' ? undefined : linkBase(values.base);
  if (base === undefined && values.base !== '') return refuse(`--base (or PUBLIC_URL) ${BASE_RULE}`);
  if (base === undefined && [...workspaces.values()].some(({ publicUrl }) => publicUrl === ''))
    return refuse('printed codes hold the address of the links: set public_url in every workspace, or give --base https://go.acme.example');

  const csv = await readFile(csvFile).catch((error: NodeJS.ErrnoException) => error);
  if (csv instanceof Error) return refuse(`${csvFile} cannot be read (${csv.code})`);
  const read = readSigns(csv, {
    workspaces,
    workspace: values.workspace,
    base: base ?? '',
    parameters: new Map(parameters),
  });
  if (read.kind === 'problems') return refuse(...read.problems.map((problem) => `${csvFile} ${problem}`));
  const { signs, warnings } = read;
  for (const warning of warnings) process.stderr.write(`${csvFile}: ${warning}\n`);
  if (format === 'pdf') {
    const missing = font === undefined ? unprintable(signs) : '';
    if (missing !== '')
      return refuse(`labels hold letters that the standard font lacks (${missing}); give --font with a font that has them`);
    const sheet = await sheetPdf(signs, { sizeMm, font }).catch((error: Error) => {
      if (font === undefined) throw error;
      return error;
    });
    if (sheet instanceof Error) return refuse(`--font ${font} is no font that can be read (${sheet.message})`);
    const { columns, rows } = perPage(sizeMm);
    return write(out, sheet, `${many(signs.length, 'code')} on ${many(Math.ceil(signs.length / (columns * rows)), 'page')}`);
  }
  return write(out, zipOf(signs), many(signs.length, 'code'));
}

async function write(file: string, bytes: Uint8Array, what: string): Promise<number> {
  const failure = await writeFile(file, bytes).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  if (failure !== undefined) return refuse(`${file} cannot be written (${failure.code})`);
  process.stdout.write(`${what}: ${file}\n`);
  return 0;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function zipOf(signs: readonly Sign[]): Uint8Array {
  const files = signs.map((sign) => [`${sign.file}.svg`, strToU8(qrSvg(sign.target, sign.request))] as const);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = signs.map(({ file, label, target }) => [`${file}.svg`, label, target].map(quoted).join(','));
  return zipSync({ ...Object.fromEntries(files), 'targets.csv': strToU8(`file,label,target\n${rows.join('\n')}\n`) });
}
