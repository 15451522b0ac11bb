/** The accounts of a workspace, prepared once per revision: who owns a phone number id, which greetings an account has, and who its own people are. */
import type { WhatsAppAccount, Workspace } from '@messtrack/workspace/workspace.ts';
import { compileGreetings, type RecogniseGreeting } from '../domain/greeting.ts';
import type { Channel } from '../domain/inbound.ts';

interface Prepared {
  readonly byPhoneNumberId: ReadonlyMap<string, WhatsAppAccount>;
  readonly greetings: ReadonlyMap<string, RecogniseGreeting>;
  readonly ownPeople: Readonly<Record<Channel, ReadonlySet<string>>>;
}

/** A reload makes new workspace objects; what was prepared for the old ones goes with them. */
const prepared = new WeakMap<Workspace, Prepared>();

export function ownerOfPhoneNumberId(workspace: Workspace, phoneNumberId: string): WhatsAppAccount | undefined {
  return prepare(workspace).byPhoneNumberId.get(phoneNumberId);
}

export function greetingsOf(workspace: Workspace, account: string): RecogniseGreeting {
  return prepare(workspace).greetings.get(account) ?? (() => undefined);
}

/** Contact keys of the workspace's own people on a channel. */
export function ownPeopleOf(workspace: Workspace, channel: Channel): ReadonlySet<string> {
  return prepare(workspace).ownPeople[channel];
}

function prepare(workspace: Workspace): Prepared {
  const known = prepared.get(workspace);
  if (known !== undefined) return known;
  const byPhoneNumberId = new Map<string, WhatsAppAccount>();
  const greetings = new Map<string, RecogniseGreeting>();
  for (const account of workspace.accounts.values()) {
    if (account.channel === 'whatsapp') byPhoneNumberId.set(account.phoneNumberId, account);
    const sources = [...workspace.placements.values()]
      .filter((placement) => placement.account === account.name)
      .map(({ name, greetings: texts, codeTemplate }) => ({ placement: name, greetings: texts, codeTemplate }));
    greetings.set(account.name, compileGreetings(sources));
  }
  const { whatsapp, telegram } = workspace.internal.contacts;
  const ownPeople = { whatsapp: new Set(whatsapp), telegram: new Set(telegram) };
  const fresh = { byPhoneNumberId, greetings, ownPeople };
  prepared.set(workspace, fresh);
  return fresh;
}
