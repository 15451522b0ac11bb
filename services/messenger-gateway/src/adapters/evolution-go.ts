/**
 * Evolution GO, the same project's server built on whatsmeow: an envelope of its own (`event` "Message", `instanceId`, `instanceToken`) and in `data` whatsmeow's event (`Info`, `Message`).
 * Sources: evolution-foundation/evolution-go; bodies in the public tests and notes of those who read them (July 2026); tulir/whatsmeow types/message.go (MessageInfo). Not verified: names of the other
 * events and their content; receipts are not read.
 */
import { deadLetter, drop, type Outcome } from '@messtrack/runtime/outcome.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { readIsoTime } from '../domain/iso-time.ts';
import { adCardOf, readAdCard, readEntryPoint } from './ad-card.ts';
import { isForwarded, readDeviceContent, repliesTo } from './device-content.ts';
import { messageOutcome } from './gateway-events.ts';
import { flagAt, idAt, isObject, objectAt, stringAt } from './json-value.ts';
import { deviceOfMessageId } from './whatsapp-device.ts';
import { dropReasonOf, peopleOf } from './whatsapp-jid.ts';

/** `account` makes the event ids, as it does for the other server: a number that is moved from one to the other keeps them. */
export function readGoMessage(data: unknown, account: string, observedAtMs: number): Outcome<InboundEvent> {
  const info = isObject(data) ? objectAt(data, 'Info') : undefined;
  if (!isObject(data) || info === undefined) return deadLetter('schema_mismatch', 'a message has no Info');
  if (flagAt(info, 'IsFromMe')) return drop('echo');
  const chat = stringAt(info, 'Chat', 128);
  const nobodys = dropReasonOf(chat) ?? (flagAt(info, 'IsGroup') ? 'group_chat' : undefined);
  if (nobodys !== undefined) return drop(nobodys);
  const id = idAt(info, 'ID');
  if (id === undefined) return deadLetter('missing_field', 'a message has no ID');
  const message = objectAt(data, 'Message');
  if (message === undefined) return drop('empty');
  const content = readDeviceContent(message);
  if (content === 'service') return drop('not_a_message');
  const eventTimeMs = readIsoTime(info['Timestamp'], observedAtMs);
  if (eventTimeMs === undefined) return deadLetter('timestamp_out_of_range', 'the Timestamp of a message is no time');

  const { context } = content;
  const suffix = content.edits === id ? `/edit/${eventTimeMs}` : '';
  return messageOutcome({
    channel: 'whatsapp',
    eventId: `evolution/${account}/${id}${suffix}`,
    messageId: `${id}${suffix}`,
    eventTimeMs,
    kind: content.kind,
    text: content.text,
    attachments: content.attachments,
    buttonPayload: content.buttonPayload,
    // `RecipientAlt` is ours.
    identifiers: peopleOf([chat, idAt(info, 'Sender'), idAt(info, 'SenderAlt')]),
    name: stringAt(info, 'PushName', 256),
    referral: readAdCard(adCardOf(context), context),
    entryPoint: readEntryPoint(context),
    device: deviceOfMessageId(id),
    replyToMessageId: repliesTo(context),
    forwarded: isForwarded(context),
    editsMessageId: content.edits,
  });
}
