import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { dialledDigits } from '@messtrack/workspace/wa-id.ts';

const CONTACT_KEY = /^[A-Za-z0-9_-]{22}$/;

/**
 * The keys under which a contact may be known, for what a bot or a CRM has at hand: a contact key, a WhatsApp number or business-scoped
 * id, or a Telegram user id. Which one it is does not show, so all are tried; a wrong guess is the hash of nobody.
 */
export function contactCandidates(workspace: string, contact: string): readonly string[] {
  const derived = [
    contactKey(workspace, 'whatsapp', 'bsuid', contact),
    contactKey(workspace, 'whatsapp', 'wa_id', contact),
    contactKey(workspace, 'whatsapp', 'wa_id', dialledDigits(contact.replaceAll(/\D/g, ''))),
    contactKey(workspace, 'whatsapp', 'parent_bsuid', contact),
    contactKey(workspace, 'telegram', 'tg_user', contact),
  ];
  return [...new Set(CONTACT_KEY.test(contact) ? [contact, ...derived] : derived)];
}
