/** Updates as a relay passes them on that writes every field its library knows: null, "" and [] for what Telegram left out. */
import { MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { CHAT, CODE, DATE, read, readMessage, USER } from './telegram-updates.ts';

const BESIDE = {
  sender_chat: null,
  sender_business_bot: null,
  forward_origin: null,
  business_connection_id: null,
  new_chat_members: [],
  new_chat_photo: [],
  pinned_message: null,
  successful_payment: null,
  photo: [],
};

describe('a relayed message', () => {
  const message = { ...BESIDE, message_id: 7, date: DATE, chat: CHAT, from: USER };

  it('of a business chat is not the owner’s because the field of their bot is null', async () => {
    const business_message = { ...message, business_connection_id: 'bc1', text: displayCode(CODE) };
    expect(await readMessage({ update_id: 1, business_message })).toMatchObject({ codes: [{ code: CODE }] });
  });

  it('of a channel’s direct messages is not the channel’s because sender_chat is null', async () => {
    const chat = { id: -100777, type: 'supergroup', is_direct_messages: true };
    expect(await readMessage({ update_id: 1, message: { ...message, chat, text: 'hello' } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_TEXT,
    });
  });

  it('of a type nobody knows is no service message because those fields are empty', async () => {
    expect(await readMessage({ update_id: 1, message: { ...message, text: null, hologram: { id: 1 } } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_UNKNOWN,
    });
  });

  it('has the caption of what is there, not the text that is not', async () => {
    const document = { file_id: 'f', file_name: 'order.pdf' };
    expect(await readMessage({ update_id: 1, message: { ...message, text: '', document, caption: displayCode(CODE) } })).toMatchObject({
      kind: MessageKind.MESSAGE_KIND_DOCUMENT,
      codes: [{ code: CODE }],
    });
  });

  it('with nothing in it at all is empty, and a service message one', async () => {
    expect(await read({ update_id: 1, message: { ...message, text: null } })).toMatchObject({ touchpoints: [], drops: ['empty'] });
    expect(await read({ update_id: 1, message: { ...message, new_chat_members: [USER] } })).toMatchObject({
      touchpoints: [],
      drops: ['not_a_message'],
    });
  });
});
