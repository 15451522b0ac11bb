/** The accounts of a workspace, prepared once per revision: who owns an id of a provider, which greetings an account has, and who its own people are. */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Placement, Workspace } from '@messtrack/workspace/workspace.ts';
import { compileCodeWords, type FindCodeWord } from '../domain/code-words.ts';
import { compileGreetings, type RecogniseGreeting } from '../domain/greeting.ts';
import type { Channel } from '../domain/inbound.ts';

interface Prepared {
  readonly byReceiver: ReadonlyMap<string, Account>;
  readonly greetings: ReadonlyMap<string, RecogniseGreeting>;
  readonly codeWords: ReadonlyMap<string, FindCodeWord>;
  readonly ownPeople: ReadonlyMap<string, ReadonlySet<string>>;
  readonly placements: ReadonlyMap<string, readonly Placement[]>;
}

const NOBODY: ReadonlySet<string> = new Set();

/** A reload makes new workspace objects; what was prepared for the old ones goes with them. */
const prepared = new WeakMap<Workspace, Prepared>();

/** The account of a provider that the provider's payloads name so. */
export function ownerOf(workspace: Workspace, provider: Account['provider'], receiver: string): Account | undefined {
  return prepare(workspace).byReceiver.get(`${provider} ${receiver}`);
}

export function greetingsOf(workspace: Workspace, account: string): RecogniseGreeting {
  return prepare(workspace).greetings.get(account) ?? (() => undefined);
}

/** Placements that lead to an account, in the order of the file. */
export function placementsOf(workspace: Workspace, account: string): readonly Placement[] {
  return prepare(workspace).placements.get(account) ?? [];
}

export function codeWordsOf(workspace: Workspace, account: string): FindCodeWord {
  return prepare(workspace).codeWords.get(account) ?? (() => undefined);
}

/** Contact keys of the workspace's own people on a channel. */
export function ownPeopleOf(workspace: Workspace, channel: Channel): ReadonlySet<string> {
  return prepare(workspace).ownPeople.get(channel) ?? NOBODY;
}

function prepare(workspace: Workspace): Prepared {
  const known = prepared.get(workspace);
  if (known !== undefined) return known;
  const byReceiver = new Map<string, Account>();
  const greetings = new Map<string, RecogniseGreeting>();
  const codeWords = new Map<string, FindCodeWord>();
  const placements = new Map<string, readonly Placement[]>();
  for (const account of workspace.accounts.values()) {
    if (account.receiver !== undefined) byReceiver.set(`${account.provider} ${account.receiver}`, account);
    const own = [...workspace.placements.values()].filter(({ pool }) => pool.some((member) => member.account === account.name));
    placements.set(account.name, own);
    const sources = own.map(({ name, greetings: texts, codeTemplate }) => ({ placement: name, greetings: texts, codeTemplate }));
    greetings.set(account.name, compileGreetings(sources));
    codeWords.set(account.name, compileCodeWords(own.map(({ name, words }) => ({ placement: name, words }))));
  }
  const ownPeople = new Map(Object.entries(workspace.internal.contacts).map(([channel, keys]) => [channel, new Set(keys)]));
  const fresh = { byReceiver, greetings, codeWords, ownPeople, placements };
  prepared.set(workspace, fresh);
  return fresh;
}
