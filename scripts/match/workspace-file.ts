import { readFileSync } from 'node:fs';
import { decodeTouchpoint } from '@messtrack/matcher/adapters/touchpoint-codec.ts';
import type { Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { greetingsOf } from '@messtrack/messenger-gateway/adapters/receivers.ts';
import { epochRecords } from '@messtrack/workspace/epoch-records.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { formatProblem } from '@messtrack/workspace/problem.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { systemCode } from './files.ts';
import type { KnownAccount } from './touchpoints.ts';

/** Stands in for secrets: matching a history opens no account, so an analyst needs none of them. */
const NO_SECRET = 'not-needed-for-matching';

/** The workspace, or what is wrong with its file, a sentence per line. */
export function loadWorkspace(file: string, env: Readonly<Record<string, string | undefined>>): Workspace | string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return `${file} cannot be read (${systemCode(error)})`;
  }
  const parsed = parseWorkspace(text, { env: { ...placeholders(text), ...definedOnly(env) }, readFile: readOrPlaceholder, file });
  return 'problems' in parsed ? parsed.problems.map(formatProblem).join('\n') : parsed.workspace;
}

function placeholders(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => [name!, NO_SECRET]));
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

function readOrPlaceholder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return NO_SECRET;
  }
}

export function knownAccounts(workspace: Workspace): ReadonlyMap<string, KnownAccount> {
  return new Map([...workspace.accounts.values()].map(({ name, channel }) => [name, { channel, recognise: greetingsOf(workspace, name) }]));
}

/** The workspace's settings as the log carries them: what ingest announces, read as the matcher reads it. */
export function settingsTouchpoints(workspace: Workspace, atMs: number): readonly Touchpoint[] {
  return epochRecords([workspace], new Map(), atMs).map(({ value, key }) => {
    if (value === null) throw new Error('an epoch record has no value');
    const read = decodeTouchpoint({ value, offset: 0, timestampMs: atMs });
    if (read.kind !== 'ok') throw new Error(`the settings of ${String(key)} cannot be read as a touchpoint`);
    return read.value;
  });
}
