/** Business connections: a person lets the bot read and answer the chats of their own account. */
import { deadLetter, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import type { InboundEvent } from '../domain/inbound.ts';
import { flagAt, idAt, type JsonObject, objectAt } from './json-value.ts';
import { CONNECTION_ID_LENGTH, ID_LENGTH, readSender } from './telegram-chat.ts';
import type { TelegramReader } from './telegram-reader.ts';

/**
 * Connected, changed in its rights, or ended. The contact is the owner of the account. `rights.can_reply` since Bot API 9.0, `can_reply` before; without
 * it nothing can be sent, and messages arrive all the same. `date` is that of the connection and stays when it ends or its rights change, so the time
 * is that of receipt and the update's id tells two changes apart.
 */
export function readConnection(connection: JsonObject, { account, observedAtMs, updateId }: TelegramReader): Outcome<InboundEvent> {
  const id = idAt(connection, 'id', CONNECTION_ID_LENGTH);
  const owner = objectAt(connection, 'user');
  const user = idAt(owner, 'id', ID_LENGTH);
  if (id === undefined || owner === undefined || user === undefined)
    return deadLetter('missing_field', 'a business_connection has no id or no user');
  const rights = objectAt(connection, 'rights') ?? connection;
  const canReply = flagAt(rights, 'can_reply');
  const state = flagAt(connection, 'is_enabled') ? 'connected' : 'disconnected';
  return ok({
    type: 'contact_state',
    channel: 'telegram',
    eventId: `tg/${account}/${id}/${state}/${updateId}`,
    eventTimeMs: observedAtMs,
    state,
    contact: readSender(owner, user),
    connectionId: id,
    canReply,
  });
}
