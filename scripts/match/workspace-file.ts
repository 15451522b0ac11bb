import { readFileSync } from 'node:fs';
import { ownTrafficOf } from '@messtrack/ingest/adapters/own-traffic.ts';
import { ownClickReason } from '@messtrack/ingest/domain/own-click.ts';
import { decodeTouchpoint } from '@messtrack/matcher/adapters/touchpoint-codec.ts';
import type { Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { greetingsOf } from '@messtrack/messenger-gateway/adapters/receivers.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { readYaml } from '@messtrack/workspace/document.ts';
import { epochRecords } from '@messtrack/workspace/epoch-records.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { formatProblem } from '@messtrack/workspace/problem.ts';
import { SECRET_KEYS, SECRET_LIST } from '@messtrack/workspace/schema.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { systemCode } from './files.ts';
import type { Setting } from './setting.ts';

/** The workspace, or what is wrong with its file, a sentence per line. */
export function loadWorkspace(file: string, env: Readonly<Record<string, string | undefined>>): Workspace | string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return `${file} cannot be read (${systemCode(error)})`;
  }
  const secrets = secretReferences(text);
  const parsed = parseWorkspace(text, {
    env: { ...env, ...Object.fromEntries([...secrets].map((name) => [name, NO_SECRET])) },
    readFile: (path) => (secrets.has(`file:${path}`) ? NO_SECRET : readFileSync(path, 'utf8')),
    file,
  });
  return 'problems' in parsed ? parsed.problems.map(formatProblem).join('\n') : parsed.workspace;
}

/** Stands in for every secret: matching a history opens no account, so whoever does it needs none of them. */
const NO_SECRET = 'not-needed-for-matching';

/** Names of variables, and "file:" with the path, that stand where a secret stands. What bears on decisions is read as always. */
function secretReferences(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (value: unknown, isSecret: boolean): void => {
    if (typeof value === 'string') {
      if (isSecret) for (const [, body] of value.matchAll(/\$\{([^{}\n]*)\}/g)) found.add(body!.replace(/:-.*$/, ''));
    } else if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) walk(item, isSecret);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) walk(member, SECRET_KEYS.has(key) || key === SECRET_LIST);
    }
  };
  const yaml = readYaml(text);
  if (yaml.kind === 'ok') walk(yaml.document.value, false);
  return found;
}

/** What deriving facts needs to know of the workspace. */
/** What a history may name a contact of a channel by. */
const ID_KINDS = { whatsapp: 'wa_id', telegram: 'tg_user', messenger: 'psid', instagram: 'igsid', vk: 'vk_user', max: 'max_user' } as const;

export function settingOf(workspace: Workspace): Setting {
  const own = ownTrafficOf(workspace);
  const ownContacts = new Map(Object.entries(workspace.internal.contacts).map(([channel, keys]) => [channel, new Set(keys)]));
  return {
    workspace: workspace.name,
    accounts: new Map(
      [...workspace.accounts.values()].map(({ name, channel }) => [name, { channel, recognise: greetingsOf(workspace, name) }]),
    ),
    isOwnClick: ({ placement, visitor, ip }) => ownClickReason(own, { placement, visitorId: visitor, ip, query: undefined }) !== undefined,
    isOwnMessage: ({ contact, phone }, channel) => {
      if (channel === 'unknown') return false;
      const keys = ownContacts.get(channel);
      if (keys === undefined || keys.size === 0) return false;
      // A history names its contacts as it likes: by the key of the warehouse, by the number or the user id.
      const kind = ID_KINDS[channel];
      return [contact, phone].some((id) => id !== '' && (keys.has(id) || keys.has(contactKey(workspace.name, channel, kind, id))));
    },
  };
}

/** The workspace's settings as the log carries them: what ingest announces, read as the matcher reads it. */
export function settingsTouchpoints(workspace: Workspace, atMs: number): readonly Touchpoint[] {
  return epochRecords([workspace], new Map(), atMs).map(({ value, key }) => {
    const read = decodeTouchpoint({ value, offset: 0, timestampMs: atMs });
    if (read.kind !== 'ok') throw new Error(`the settings of ${String(key)} cannot be read as a touchpoint`);
    return read.value;
  });
}
