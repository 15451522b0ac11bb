import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseIsoTime } from './iso-time.ts';

export const HELP = `npm run match -- --clicks clicks.jsonl --messages messages.jsonl --out leads.jsonl [options]

Tells for every lead of your own past which click wrote its first message, how sure that is and why, or that none did.
Two files of JSON lines go in, one comes out, through the operator that decides live. docs/history-files.md describes the lines.

  --clicks FILE       clicks in order of arrival
  --messages FILE     messages in order of arrival
  --out FILE          leads, one line each, in the order of their first messages
  --workspace FILE    a workspace's YAML: its windows, dedicated accounts and greetings apply; its secrets are not needed
  --train-until TIME  leads whose first message is earlier are learned from and left out of output and metrics (ISO 8601)
  --metrics FILE      what was counted, expected and measured, as JSON
  --report FILE       a page to look at and to show around, as one HTML file
  --help

Exit code 0 when all is done, 2 when all is done but lines were bad (each is named on standard error and was skipped),
1 when nothing could be done.`;

export interface Options {
  readonly clicks: string;
  readonly messages: string;
  readonly out: string;
  readonly workspace: string | undefined;
  readonly trainUntilMs: number | undefined;
  readonly metrics: string | undefined;
  readonly report: string | undefined;
}

/** The options, or everything that is wrong with them, a sentence per line. */
export function readOptions(args: readonly string[]): Options | 'help' | { readonly problems: readonly string[] } {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return 'help';
  const { clicks, messages, out, workspace, metrics, report } = values;
  const problems: string[] = [];
  for (const [name, value] of Object.entries({ clicks, messages, out })) if (!value) problems.push(`--${name} FILE is missing`);
  const trainUntil = values['train-until'];
  const trainUntilMs = trainUntil === undefined ? undefined : parseIsoTime(trainUntil);
  if (trainUntil !== undefined && trainUntilMs === undefined) {
    problems.push('--train-until takes a time of ISO 8601 between 2000 and 2100, such as 2026-03-01T00:00:00Z');
  }
  problems.push(...overwritten({ clicks, messages, workspace }, { out, metrics, report }));
  if (problems.length > 0 || clicks === undefined || messages === undefined || out === undefined) return { problems };
  return { clicks, messages, out, workspace, trainUntilMs, metrics, report };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      clicks: { type: 'string' },
      messages: { type: 'string' },
      out: { type: 'string' },
      workspace: { type: 'string' },
      'train-until': { type: 'string' },
      metrics: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

type Files = Readonly<Record<string, string | undefined>>;

/** Files are opened for writing before the last line is read: one name for two of them would lose somebody's history. */
function overwritten(inputs: Files, outputs: Files): readonly string[] {
  const taken = new Map<string, string>();
  for (const [name, file] of Object.entries(inputs)) if (file !== undefined) taken.set(realPath(file), name);
  const problems: string[] = [];
  for (const [name, file] of Object.entries(outputs)) {
    if (file === undefined || file.startsWith('/dev/')) continue;
    const other = taken.get(realPath(file));
    if (other !== undefined) problems.push(`--${name} and --${other} name the same file`);
    taken.set(realPath(file), name);
  }
  return problems;
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
