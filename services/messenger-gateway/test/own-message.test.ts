// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openGateway, tgText, waBody, waText, workspaceOf } from './gateway.ts';

async function start(internal: string) {
  const gateway = await openGateway([workspaceOf(internal)]);
  onTestFinished(() => gateway.app.close());
  return gateway;
}

function marks(gateway: Awaited<ReturnType<typeof openGateway>>) {
  return gateway.log.touchpoints().map(({ kind }) => {
    if (kind?.$case !== 'message') throw new Error(`unexpected ${kind?.$case}`);
    return [kind.value.internal, kind.value.internalReason];
  });
}

const metric = (gateway: Awaited<ReturnType<typeof openGateway>>) =>
  gateway.registry.getSingleMetricAsString('messtrack_gateway_internal_messages_total');

describe('a message of the workspace’s own people', () => {
  it('is recorded with its reason, by number, by pseudonym and by Telegram id, and nobody else’s is marked', async () => {
    const pseudonym = contactKey('acme', 'whatsapp', 'wa_id', '16505551235');
    const gateway = await start(
      `internal: { phones: [ "\${STAFF:-+16505551234}" ], telegram_users: [ "\${TG_STAFF:-4503599627370495}" ], contacts: [ ${pseudonym} ] }`,
    );
    const from = (number: string, id: string) =>
      waBody({ messages: [waText('Hello', { id, from: number })], contacts: [{ wa_id: number, profile: { name: 'Ann' } }] });
    await gateway.whatsapp(from('16505551234', 'wamid.1'));
    await gateway.whatsapp(from('16505551235', 'wamid.2'));
    await gateway.whatsapp(from('16505551236', 'wamid.3'));
    await gateway.telegram(tgText('Hello'));
    await gateway.telegram(tgText('Hello', { message_id: 8, from: { id: 5, is_bot: false }, chat: { id: 5, type: 'private' } }));
    expect(marks(gateway)).toEqual([
      [true, 'staff'],
      [true, 'staff'],
      [false, ''],
      [true, 'staff'],
      [false, ''],
    ]);
    expect(await metric(gateway)).toContain('{reason="staff"} 3');
  });

  it('is found by any id that the provider sends along', async () => {
    const key = contactKey('acme', 'whatsapp', 'bsuid', 'US.1234567890');
    const gateway = await start(`internal: { contacts: [ ${key} ] }`);
    await gateway.whatsapp(waBody({ messages: [waText('Hello', { from_user_id: 'US.1234567890' })] }));
    expect(marks(gateway)).toEqual([[true, 'staff']]);
  });

  it('is one of the other workspace’s lead, who does not list them', async () => {
    const gateway = await start('');
    await gateway.whatsapp(waBody({ messages: [waText('Hello')] }));
    expect(marks(gateway)).toEqual([[false, '']]);
    expect(await metric(gateway)).not.toContain('reason=');
  });
});

describe('a message of another business’s bot', () => {
  it('in a chat with it is recorded as such', async () => {
    const gateway = await start('');
    await gateway.telegram(
      tgText('I am an assistant', { from: { id: 99, is_bot: true, first_name: 'Helper' }, chat: { id: 99, type: 'private' } }),
    );
    expect(marks(gateway)).toEqual([[true, 'bot']]);
    expect(await metric(gateway)).toContain('{reason="bot"} 1');
  });
});
