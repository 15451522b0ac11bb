import type { MessageFacts } from './facts.ts';
import type { InboundMessage } from './inbound.ts';

/** What a message shows of where its sender comes from, the strongest thing it has. */
export const EVIDENCE = ['code', 'identifier', 'damaged_code', 'greeting', 'none'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Undefined for what nobody was expected to put a code in: reactions, edits, joins, an opened chat. */
export function evidenceOf(message: InboundMessage, facts: MessageFacts): Evidence | undefined {
  const { kind } = message;
  if (kind === 'reaction' || kind === 'join' || kind === 'welcome' || message.editsMessageId !== '') return undefined;
  if (facts.codes.some(({ intact }) => intact)) return 'code';
  if (message.referral !== undefined || message.replyToMessageId !== '' || facts.startPayload !== '') return 'identifier';
  if (facts.codes.length > 0) return 'damaged_code';
  return facts.greeting === undefined ? 'none' : 'greeting';
}

/** The person hides the number: only the platform's own id names them. */
export function hidesNumber({ channel, sender }: InboundMessage): boolean {
  return channel === 'whatsapp' && !sender.identifiers.some(({ kind }) => kind === 'wa_id');
}
