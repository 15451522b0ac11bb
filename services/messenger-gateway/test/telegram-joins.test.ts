import { MessageKind } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { describe, expect, it } from 'vitest';
import { NOW, tgText, workspaceOf } from './gateway.ts';
import { DATE, read, readMessage, USER } from './telegram-updates.ts';

describe('joins', () => {
  const chat = { id: -100123, type: 'channel' };
  const joined = { old_chat_member: { status: 'left', user: USER }, new_chat_member: { status: 'member', user: USER } };

  it('through a named link become messages', async () => {
    const { touchpoints } = await read({
      update_id: 1,
      chat_member: { chat, from: USER, date: DATE, ...joined, invite_link: { name: 'metro', invite_link: 'https://t.me/+x…' } },
    });
    expect(touchpoints[0]).toMatchObject({
      eventId: `tg/sales-tg/-100123/join/4503599627370495/${NOW - 5000}`,
      kind: { value: { kind: MessageKind.MESSAGE_KIND_JOIN, inviteLinkName: 'metro', contact: { platformUserId: '4503599627370495' } } },
    });
    const asked = await read({
      update_id: 1,
      chat_join_request: { chat, from: USER, date: DATE, user_chat_id: 1, invite_link: { name: 'metro' } },
    });
    expect(asked.touchpoints[0]).toMatchObject({ kind: { value: { kind: MessageKind.MESSAGE_KIND_JOIN, inviteLinkName: 'metro' } } });
  });

  describe('of a placement', () => {
    const invite = (chat: string) =>
      workspaceOf('', (file) =>
        file.replace(
          'placements:',
          `placements:\n  metro-sign: { kind: invite, account: sales-tg, chat: "${chat}", link_name: metro, source: { utm_source: outdoor } }`,
        ),
      );
    const join = (name: string) => ({
      update_id: 1,
      chat_member: {
        chat: { ...chat, username: 'Acme_News' },
        from: USER,
        date: DATE,
        ...joined,
        invite_link: { name, creator: { id: 5 } },
      },
    });

    it.each(['-100123', '@acme_news'])('have its source, the chat named as %s', async (named) => {
      expect(await readMessage(join('metro'), invite(named))).toMatchObject({
        inviteLinkName: 'metro',
        namedSource: { placement: 'metro-sign', utmSource: 'outdoor', utmCampaign: '' },
      });
    });

    it.each([
      ['another link', join('flyer'), invite('-100123')],
      ['another chat', join('metro'), invite('-100124')],
    ])('are not those of %s', async (_, update, workspace) => {
      expect((await readMessage(update, workspace)).namedSource).toBeUndefined();
    });
  });

  it('a start payload that is the name of a placement has its source, one that is not has none', async () => {
    expect((await readMessage(tgText('/start tg-ad'))).namedSource).toMatchObject({ placement: 'tg-ad' });
    expect((await readMessage(tgText('/start site-button'))).namedSource).toBeUndefined();
    expect((await readMessage(tgText('tg-ad'))).namedSource).toBeUndefined();
  });

  it.each([
    ['without a link', joined],
    ['through a link without name', { ...joined, invite_link: {} }],
    ['of members already', { ...joined, old_chat_member: { status: 'administrator' }, invite_link: { name: 'metro' } }],
    ['that are departures', { new_chat_member: { status: 'left', user: USER }, invite_link: { name: 'metro' } }],
  ])('%s are no messages', async (_, change) => {
    expect(await read({ update_id: 1, chat_member: { chat, from: USER, date: DATE, ...change } })).toMatchObject({
      touchpoints: [],
      drops: ['not_a_message'],
    });
  });

  it('that do not say who joined are dead letters, not requests of whoever made the change', async () => {
    const change = { chat, from: USER, date: DATE, invite_link: { name: 'metro' } };
    for (const new_chat_member of [undefined, null, []])
      expect(await read({ update_id: 1, chat_member: { ...change, new_chat_member } })).toMatchObject({
        touchpoints: [],
        deadLetters: ['missing_field'],
      });
  });
});
