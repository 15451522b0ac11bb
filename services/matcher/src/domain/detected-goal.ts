/**
 * Goals that a platform says it detected in a conversation that began at its ad (WhatsApp automatic_events). They name the ad's click and a message, and seldom the person: so the click id of an ad is
 * remembered with the lead that brought it first, as a code is. What they say is the platform's guess; it decides no attribution.
 */
import { leadAt, leadOfMessage } from './contact.ts';
import { adClickKey, type Lookups } from './entries.ts';
import type { DetectedGoal } from './goal.ts';
import { knownContact } from './needs.ts';
import { type Scope, write } from './scope.ts';
import { type AccountState, findAccount, type PartitionState } from './state.ts';
import { type DetectedGoalTouchpoint, decisionTimeMs, type MessageTouchpoint } from './touchpoint.ts';

/** The first lead of an ad's click counts, as the first contact of a code does. */
export function rememberAdClick(scope: Scope, message: MessageTouchpoint, contact: string, leadId: string, keptMs: number): void {
  const { workspace, account } = scope.account;
  const key = message.referral === undefined ? undefined : adClickKey(workspace, account, message.referral.ctwaClid);
  if (key !== undefined) write(scope, key, { kind: 'use', contact, leadId }, decisionTimeMs(message) + keptMs);
}

/** Undefined when no lead of the click, and none of the person, is known. */
export function goalOf(state: PartitionState, touchpoint: DetectedGoalTouchpoint, lookups: Lookups): DetectedGoal | undefined {
  const { workspace, account, messageId, name, valueMinor, currency, offset } = touchpoint;
  const leadId = leadOfClick(touchpoint, lookups) ?? leadOfPerson(findAccount(state, workspace, account), touchpoint, lookups);
  return leadId === undefined
    ? undefined
    : { workspace, account, leadId, messageId, name, atMs: decisionTimeMs(touchpoint), valueMinor, currency, offset };
}

function leadOfClick({ workspace, account, ctwaClid }: DetectedGoalTouchpoint, lookups: Lookups): string | undefined {
  const key = adClickKey(workspace, account, ctwaClid);
  const use = key === undefined ? undefined : lookups.get(key);
  return use?.kind === 'use' ? use.leadId : undefined;
}

function leadOfPerson(account: AccountState | undefined, touchpoint: DetectedGoalTouchpoint, lookups: Lookups): string | undefined {
  if (account === undefined) return undefined;
  for (const key of touchpoint.contactKeys) {
    const contact = knownContact(account, key, lookups, []);
    if (contact === undefined) continue;
    const memo =
      leadOfMessage(contact, touchpoint.messageId) ?? leadAt(contact, decisionTimeMs(touchpoint), account.settings.returningWindowMs);
    if (memo !== undefined) return memo.leadId;
  }
  return undefined;
}
