/** Events of gateways, with everything they do not tell filled in. */
import { deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import type {
  Channel,
  ContactState,
  DeliveryStatus,
  Identifier,
  InboundEvent,
  InboundMessage,
  Reading,
  StatusWord,
} from '../domain/inbound.ts';

type Given = Pick<InboundMessage, 'channel' | 'eventId' | 'messageId' | 'eventTimeMs' | 'kind'> &
  Partial<Omit<InboundMessage, 'sender' | 'type'>> & {
    readonly identifiers: readonly Identifier[];
    readonly name?: string;
    readonly uiLanguage?: string;
    readonly isBot?: boolean;
    readonly sharedPhone?: string | undefined;
  };

export function messageOutcome({
  identifiers,
  name = '',
  uiLanguage = '',
  isBot = false,
  sharedPhone,
  ...given
}: Given): Outcome<InboundEvent> {
  if (identifiers.length === 0) return deadLetter('missing_field', 'a message has no sender');
  return ok({
    text: '',
    attachments: [],
    buttonPayload: '',
    mayBeStartCommand: false,
    referral: undefined,
    replyToMessageId: '',
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: '',
    ...given,
    type: 'message',
    sender: { identifiers, name, uiLanguage, isBot, ...(sharedPhone === undefined ? {} : { sharedPhone }) },
  });
}

interface GivenStatus {
  readonly channel: Channel;
  /** `{provider}/{receiver}`: message id and status follow. */
  readonly prefix: string;
  readonly messageId: string | undefined;
  /** The provider's own word. */
  readonly word: string;
  readonly words: ReadonlyMap<string, StatusWord>;
  readonly eventTimeMs: number | undefined;
  readonly recipient?: readonly Identifier[];
  readonly errorCode?: string;
  readonly correlation?: string;
}

/** A status without message or word tells nothing and is dropped: it would never say more, however often it came. */
export function statusOutcome(given: GivenStatus): Outcome<DeliveryStatus> {
  const { messageId, eventTimeMs } = given;
  if (messageId === undefined || given.word === '') return drop('status_update');
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the time of a status is no time');
  const status = given.words.get(given.word.toLowerCase()) ?? 'unknown';
  return ok({
    type: 'delivery_status',
    channel: given.channel,
    eventId: `${given.prefix}/${messageId}/${status}`,
    eventTimeMs,
    messageId,
    status,
    recipient: given.recipient ?? [],
    errorCode: status === 'failed' ? (given.errorCode ?? '').slice(0, 64) : '',
    pricingType: '',
    correlation: given.correlation ?? '',
  });
}

type GivenState = Pick<ContactState, 'channel' | 'eventId' | 'eventTimeMs' | 'state'> & { readonly identifiers: readonly Identifier[] };

export function stateOutcome({ identifiers, ...given }: GivenState): Outcome<ContactState> {
  return ok({
    type: 'contact_state',
    ...given,
    contact: { identifiers, name: '', uiLanguage: '', isBot: false },
    connectionId: '',
    canReply: undefined,
  });
}

export function reading(outcome: Outcome<InboundEvent>, receiver: string | undefined, element: unknown): Reading {
  return { outcome, receiver, element };
}

export function unreadable(element: unknown, detail: string): Reading {
  return reading(deadLetter('schema_mismatch', detail), undefined, element);
}
