import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type Admission, type Book, due, type PlanRules, type Send } from '../domain/outbound-book.ts';
import type { Sender } from './senders/sender.ts';
import { recipientContact } from './touchpoint-record.ts';

export interface LastInbound {
  /** Milliseconds since the Unix epoch, UTC; 0 when nobody could be asked. */
  readonly atMs: number;
  /** The truth is at most so much later. Milliseconds. */
  readonly slackMs: number;
}

export interface AdmissionPorts {
  readonly workspaceOf: (name: string) => Workspace | undefined;
  /** Newest message of any of the people, as far as known; undefined when they never wrote. */
  readonly lastInboundMs: (workspace: string, account: string, contactKeys: readonly string[]) => Promise<LastInbound | undefined>;
  /** So long a message waits for the matcher, which may be a moment behind the webhook that opened the window. Milliseconds. */
  readonly unclearMs: number;
}

interface Asked {
  readonly workspace: string;
  readonly account: string;
  readonly book: Book;
}

interface Known {
  readonly account: Account;
  readonly sender: Sender;
}

/** More are never attempted at once. */
const MAX_ASKED = 64;

/** Who may be written to what, of those whose turn it is. They are asked about side by side: one after another, a slow store would slow every message down. */
export async function admissionsOf(
  ports: AdmissionPorts,
  queue: Asked,
  known: Known,
  rules: Pick<PlanRules, 'limits' | 'nowMs' | 'horizonMs'>,
): Promise<ReadonlyMap<string, Admission>> {
  const sends = due(queue.book, rules, MAX_ASKED);
  return new Map(await Promise.all(sends.map(async (send) => [send.key, await admit(ports, queue, known, send, rules.nowMs)] as const)));
}

async function admit(ports: AdmissionPorts, queue: Asked, { account, sender }: Known, send: Send, nowMs: number): Promise<Admission> {
  const { windowMs, needsConsent } = sender.rulesOf(account);
  if (send.content === undefined) return { kind: 'admitted' };
  const isTemplate = send.content.kind === 'template';
  const isFreeText = !isTemplate && windowMs !== undefined;
  // Whoever may be written to without having agreed: nobody but where the provider itself sees to it.
  if (!isFreeText && (send.isOptedIn || !(isTemplate || needsConsent))) return { kind: 'admitted' };
  const workspace = ports.workspaceOf(queue.workspace);
  if (workspace === undefined) return { kind: 'refused', reason: 'not_configured' };
  const { keys } = recipientContact(sender.identifiersOf(send.recipient, account) ?? [], account.channel, undefined, workspace);
  const last = await ports.lastInboundMs(queue.workspace, queue.account, keys);
  // Text is let through where it may be inside the window: the provider knows. Nobody but us knows of consent.
  const isAllowed = last !== undefined && (isFreeText ? nowMs <= last.atMs + last.slackMs + windowMs : last.atMs > 0);
  if (isAllowed) return { kind: 'admitted' };
  if (nowMs < send.askedAtMs + ports.unclearMs) return { kind: 'unclear' };
  return { kind: 'refused', reason: isFreeText ? 'outside_window' : 'not_opted_in' };
}
