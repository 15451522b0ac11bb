import { ContactState_State } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { describe, expect, it } from 'vitest';
import { NOW, openGateway, tgText, workspaceOf } from './gateway.ts';
import { CHAT, CODE, DATE, read, readMessage, USER } from './telegram-updates.ts';

describe('business connections', () => {
  const message = { message_id: 7, date: DATE, chat: CHAT, from: USER, text: 'hi', business_connection_id: 'bc1' };

  it("deliver messages of the other person, apart from those of the bot's own chat", async () => {
    const { touchpoints } = await read({ update_id: 1, business_message: message });
    expect(touchpoints[0]).toMatchObject({
      eventId: 'tg/sales-tg/bc1/4503599627370495/7',
      kind: { value: { messageId: 'bc1:4503599627370495:7' } },
    });
  });

  const connection = { id: 'bc1', user: { id: 99, is_bot: false, first_name: 'Owner' }, user_chat_id: 99, date: DATE, is_enabled: true };

  it.each([
    ['made', { rights: { can_reply: true } }, ContactState_State.STATE_CONNECTED, true],
    ['without the right to answer', { rights: {} }, ContactState_State.STATE_CONNECTED, false],
    ['of the time before rights', { can_reply: true }, ContactState_State.STATE_CONNECTED, true],
    ['ended', { is_enabled: false }, ContactState_State.STATE_DISCONNECTED, false],
  ])('%s are states of their owner', async (_, extra, state, canReply) => {
    const { touchpoints } = await read({ update_id: 31, business_connection: { ...connection, ...extra } });
    const value = { state, canReply, connectionId: 'bc1', contact: { platformUserId: '99', name: '' } };
    expect(touchpoints).toMatchObject([{ eventTimeMs: NOW, kind: { $case: 'contactState', value } }]);
  });

  it('made, ended and made again are three states', async () => {
    const gateway = await openGateway();
    for (const [update_id, is_enabled] of [
      [1, true],
      [2, false],
      [3, true],
      [3, true],
    ] as const)
      await gateway.telegram({ update_id, business_connection: { ...connection, is_enabled } });
    expect(new Set(gateway.log.touchpoints().map(({ eventId }) => eventId)).size).toBe(3);
    await gateway.app.close();
  });

  it('edited messages replace those of the same connection', async () => {
    const edit = await readMessage({ update_id: 1, edited_business_message: { ...message, edit_date: DATE + 1, text: displayCode(CODE) } });
    expect(edit).toMatchObject({ editsMessageId: 'bc1:4503599627370495:7', codes: [{ code: CODE, carrier: 1 }] });
  });

  it('have no start command: the person wrote the words', async () => {
    expect(await readMessage({ update_id: 1, business_message: { ...message, text: '/start promo' } })).toMatchObject({
      isStartCommand: false,
      startPayload: '',
    });
  });

  describe('of an account of their own', () => {
    const business = (extra = '') =>
      workspaceOf('', (file) =>
        file.replace(
          'placements:',
          `  boss-tg: { channel: telegram, provider: telegram-business, username: acme_boss, bot: sales-tg${extra} }\nplacements:`,
        ),
      );
    const accountOf = async (workspace: Workspace, connectionId: string) => {
      const { touchpoints } = await read(
        { update_id: 1, business_message: { ...message, business_connection_id: connectionId } },
        workspace,
      );
      return touchpoints[0]?.account;
    };

    it('go there, and without one to the bot', async () => {
      expect(await accountOf(business(), 'bc1')).toBe('boss-tg');
      expect(await accountOf(workspaceOf(), 'bc1')).toBe('sales-tg');
    });

    it('are told apart by the connection where accounts name one', async () => {
      expect(await accountOf(business(', connection_id: bc1'), 'bc1')).toBe('boss-tg');
      expect(await accountOf(business(', connection_id: bc1'), 'bc2')).toBe('sales-tg');
    });

    it("leave the bot's own messages to the bot", async () => {
      expect((await read(tgText('hi'), business())).touchpoints[0]?.account).toBe('sales-tg');
    });
  });

  it.each([
    ['the owner', { from: { ...USER, id: 99 } }],
    ["the owner's bot", { sender_business_bot: { id: 5 } }],
    ['an away message', { is_from_offline: true }],
  ])('drop what %s writes', async (_, extra) => {
    expect(await read({ update_id: 1, business_message: { ...message, ...extra } })).toMatchObject({
      touchpoints: [],
      drops: ['outgoing'],
    });
  });
});
