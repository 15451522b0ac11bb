import type { Message } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { describe, expect, it } from 'vitest';
import { openGateway, waBody, waText, workspaceOf } from './gateway.ts';

async function readMessage(message: object, privacy: string): Promise<Message> {
  const gateway = await openGateway([workspaceOf(privacy)]);
  expect(await gateway.whatsapp(waBody({ messages: [message] }))).toBe(200);
  await gateway.app.close();
  const kind = gateway.log.touchpoints()[0]?.kind;
  if (kind?.$case !== 'message') throw new Error('no message came out');
  return kind.value;
}

describe('privacy', () => {
  const text = 'Marzipan Quetzalcoatl 24';
  const value = { messages: [waText(text)] };

  it('lets no byte of text, name or number out by default', async () => {
    const gateway = await openGateway();
    await gateway.whatsapp(waBody(value));
    await gateway.whatsapp(waBody({ messages: [waText('', { id: 'w2', type: 'image', text: undefined, image: { caption: text } })] }));
    const bytes = Buffer.concat(
      gateway.log.records.flatMap(({ key, value: record, headers }) => [Buffer.from(key), record, Buffer.from(JSON.stringify(headers))]),
    ).toString('latin1');
    for (const word of ['Marzipan', 'Quetzalcoatl', 'Ann', 'Example', '16505551234', '6505551234']) expect(bytes).not.toContain(word);
    expect(gateway.log.touchpoints()).toHaveLength(2);
    await gateway.app.close();
  });

  it('keeps each where the workspace asks', async () => {
    expect(await readMessage(waText(text), 'privacy: { keep_text: true }')).toMatchObject({ text, contact: { name: '', phone: '' } });
    expect(await readMessage(waText(text), 'privacy: { keep_name: true }')).toMatchObject({
      text: '',
      contact: { name: 'Ann Example', phone: '' },
    });
    expect(await readMessage(waText(text), 'privacy: { keep_phone: true }')).toMatchObject({
      text: '',
      contact: { name: '', phone: '+16505551234' },
    });
  });
});
