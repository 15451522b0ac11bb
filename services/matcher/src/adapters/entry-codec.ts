import type { Contact, FirstMessage, LeadMemo } from '../domain/contact.ts';
import type { Entry } from '../domain/entries.ts';
import type { Source } from '../domain/source.ts';
import { utf8 } from './block.ts';
import { decodeLead, encodeLead } from './lead-codec.ts';
import { fromSourceKind, toSourceKind } from './source-codec.ts';

/**
 * Entries of the join store as bytes. Leads are protobuf, because people's programs read them too; the rest are JSON arrays that start
 * with a format number: small, readable with any client, and quick for the few that are read.
 */
const FORMAT = 1;

const decoder = new TextDecoder();

export function encodeEntry(entry: Entry): Uint8Array {
  switch (entry.kind) {
    case 'lead':
      return encodeLead(entry.lead);
    case 'click':
      return json([FORMAT, 'click', entry.click.clickId, entry.click.clickedAtMs, sourceForm(entry.click.source)]);
    case 'use':
      return json([FORMAT, 'use', entry.contact, entry.leadId]);
    case 'alias':
      return json([FORMAT, 'alias', entry.canonical]);
    case 'contact':
      return json([FORMAT, 'contact', ...contactForm(entry.contact)]);
  }
}

/** The key says whether the value is a lead. Throws on a value of another format: a newer version has written it. */
export function decodeEntry(key: string, value: Uint8Array): Entry {
  if (key.startsWith('lead/')) return { kind: 'lead', lead: decodeLead(value) };
  const form = JSON.parse(decoder.decode(value)) as readonly unknown[];
  if (form[0] !== FORMAT) throw new RangeError(`an entry of the join store has format ${String(form[0])}, this version reads ${FORMAT}`);
  switch (form[1]) {
    case 'click':
      return {
        kind: 'click',
        click: { clickId: form[2] as string, clickedAtMs: form[3] as number, source: fromSourceForm(form[4] as SourceForm) },
      };
    case 'use':
      return { kind: 'use', contact: form[2] as string, leadId: form[3] as string };
    case 'alias':
      return { kind: 'alias', canonical: form[2] as string };
    case 'contact':
      return { kind: 'contact', contact: fromContactForm(form.slice(2) as unknown as ContactForm) };
    default:
      throw new RangeError('an entry of the join store has a kind that this version does not know');
  }
}

function json(form: readonly unknown[]): Uint8Array {
  return utf8(JSON.stringify(form));
}

export type SourceForm = readonly [
  utmSource: string,
  utmMedium: string,
  utmCampaign: string,
  utmContent: string,
  utmTerm: string,
  referrerHost: string,
  adId: string,
  placement: string,
  clickIds: Source['clickIds'],
  /** Number of SourceKind; left out where it is 0, and by versions that knew none. */
  kind?: number,
];

export function sourceForm(s: Source): SourceForm {
  const kind: readonly [kind?: number] = s.kind === 'unknown' ? [] : [fromSourceKind(s.kind)];
  return [s.utmSource, s.utmMedium, s.utmCampaign, s.utmContent, s.utmTerm, s.referrerHost, s.adId, s.placement, s.clickIds, ...kind];
}

export function fromSourceForm(form: SourceForm): Source {
  const [utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, placement, clickIds, kind = 0] = form;
  return { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, clickIds, placement, kind: toSourceKind(kind) };
}

type MessageForm = readonly [id: string, timeMs: number];
type MemoForm = readonly [
  leadId: string,
  startedAtMs: number,
  lastMessageAtMs: number,
  identity: string,
  decidingMessage: MessageForm,
  firstMessages: readonly MessageForm[],
];
type SentForm = readonly [atMs: number, clickId: string, clickedAtMs: number, source: SourceForm];
export type ContactForm = readonly [key: string, aliases: readonly string[], leads: readonly MemoForm[], sent?: SentForm];

export function contactForm(contact: Contact): ContactForm {
  const { key, aliases, leads, sent } = contact;
  const memos = leads.map(memoForm);
  if (sent === undefined) return [key, aliases, memos];
  return [key, aliases, memos, [sent.atMs, sent.click.clickId, sent.click.clickedAtMs, sourceForm(sent.click.source)]];
}

export function fromContactForm([key, aliases, leads, sent]: ContactForm): Contact {
  const contact = { key, aliases, leads: leads.map(fromMemoForm) };
  if (sent === undefined) return contact;
  const [atMs, clickId, clickedAtMs, source] = sent;
  return { ...contact, sent: { atMs, click: { clickId, clickedAtMs, source: fromSourceForm(source) } } };
}

function memoForm(memo: LeadMemo): MemoForm {
  const { leadId, startedAtMs, lastMessageAtMs, identity, decidingMessage, firstMessages } = memo;
  return [leadId, startedAtMs, lastMessageAtMs, identity, messageForm(decidingMessage), firstMessages.map(messageForm)];
}

function fromMemoForm([leadId, startedAtMs, lastMessageAtMs, identity, deciding, first]: MemoForm): LeadMemo {
  return {
    leadId,
    startedAtMs,
    lastMessageAtMs,
    identity,
    decidingMessage: fromMessageForm(deciding),
    firstMessages: first.map(fromMessageForm),
  };
}

function messageForm({ id, timeMs }: FirstMessage): MessageForm {
  return [id, timeMs];
}

function fromMessageForm([id, timeMs]: MessageForm): FirstMessage {
  return { id, timeMs };
}
