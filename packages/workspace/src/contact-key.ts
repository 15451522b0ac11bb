import { hash } from 'node:crypto';
import type { Channel } from './accounts/account-kind.ts';

/** `psid` and `igsid` are Meta's ids of a person for a page and for an Instagram account, `lid` that of a linked device for a person whose number is hidden. */
export type ContactIdKind = 'wa_id' | 'lid' | 'bsuid' | 'parent_bsuid' | 'tg_user' | 'psid' | 'igsid' | 'vk_user' | 'max_user';

/** 22 characters of base64url carry 132 bits: among 10^12 contacts two share a key with a chance below 10^-15. */
const KEY_LENGTH = 22;

/**
 * Pseudonym of one identifier of a person: the same identifier gives the same key within a workspace and never across workspaces.
 * Phone numbers are compared by their digits: WhatsApp writes `wa_id` without "+", people and CRMs write it with one.
 */
export function contactKey(workspaceName: string, channel: Channel, kind: ContactIdKind, value: string): string {
  // Without a digit it is no number, and all such would be one person.
  const canonical = kind === 'wa_id' ? value.replaceAll(/\D/g, '') || value : value;
  // NUL cannot stand in any of the parts, so no two different tuples give the same input.
  return hash('sha256', `${workspaceName}\0${channel}\0${kind}\0${canonical}`, 'base64url').slice(0, KEY_LENGTH);
}
