import { Carrier } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Message } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeEmoji } from '@messtrack/tracking-code/emoji-alphabet.ts';
import { encodeInvisible } from '@messtrack/tracking-code/invisible-alphabet.ts';
import { renderMessageText, type TextCarrier } from '@messtrack/tracking-code/message-text.ts';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { openGateway, tgText, waBody, waText, workspaceOf } from './gateway.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
const OTHER = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 91 + 12));
const GREETING = 'Hello! I have a question about delivery';

function written(...carriers: readonly TextCarrier[]): string {
  return renderMessageText({ greeting: GREETING, code: CODE, template: '{greeting} (request no. {code})', carriers })!;
}

async function read(message: object) {
  const gateway = await openGateway([workspaceOf()]);
  expect(await gateway.whatsapp(waBody({ messages: [message] }))).toBe(200);
  const counted = await gateway.registry.getSingleMetric('messtrack_gateway_codes_total')?.get();
  await gateway.app.close();
  const kind = gateway.log.touchpoints()[0]?.kind;
  if (kind?.$case !== 'message') throw new Error('no message came out');
  return {
    message: Message.fromPartial(kind.value),
    counts: Object.fromEntries((counted?.values ?? []).map(({ labels, value }) => [`${labels['carrier']} ${labels['state']}`, value])),
  };
}

describe('a code in a WhatsApp message', () => {
  it.each<[readonly TextCarrier[], Carrier, string]>([
    [['visible'], Carrier.CARRIER_VISIBLE, 'visible intact'],
    [['emoji'], Carrier.CARRIER_EMOJI, 'emoji intact'],
    [['invisible'], Carrier.CARRIER_INVISIBLE, 'invisible intact'],
    [['visible', 'invisible'], Carrier.CARRIER_INVISIBLE, 'invisible intact'],
    [['emoji', 'invisible'], Carrier.CARRIER_INVISIBLE, 'invisible intact'],
  ])('is read whatever carries it, with the greeting around it: %j', async (carriers, carrier, counted) => {
    const { message, counts } = await read(waText(written(...carriers)));
    expect(message.codes).toEqual([{ code: CODE, carrier, intact: true }]);
    expect(message).toMatchObject({ greetingVariant: 0, greetingPlacement: 'site-button', greetingSimilarity: 1, language: 'en' });
    expect(counts).toEqual({ [counted]: 1 });
  });

  it('is read in a caption and in an edit', async () => {
    const text = written('emoji');
    const caption = await read({ ...waText(''), type: 'image', text: undefined, image: { caption: text } });
    expect(caption.message.codes).toEqual([{ code: CODE, carrier: Carrier.CARRIER_EMOJI, intact: true }]);
    const edited = await read({
      ...waText(''),
      type: 'edit',
      text: undefined,
      edit: { original_message_id: 'wamid.A0', message: { type: 'text', text: { body: `${encodeInvisible(CODE)}Hello` } } },
    });
    expect(edited.message).toMatchObject({
      editsMessageId: 'wamid.A0',
      codes: [{ code: CODE, carrier: Carrier.CARRIER_INVISIBLE, intact: true }],
    });
  });

  it('is one of two when two are in it', async () => {
    const { message } = await read(waText(`${written('invisible')} ${displayCode(OTHER)}`));
    expect(message.codes).toEqual([
      { code: CODE, carrier: Carrier.CARRIER_INVISIBLE, intact: true },
      { code: OTHER, carrier: Carrier.CARRIER_VISIBLE, intact: true },
    ]);
  });

  it('is nobody’s in a forwarded message, whatever carries it', async () => {
    for (const carriers of [['visible'], ['emoji'], ['invisible']] as const) {
      const { message, counts } = await read(waText(written(...carriers), { context: { forwarded: true } }));
      expect(message.codes).toEqual([]);
      expect(counts).toEqual({});
    }
  });

  it('is damaged when a character of the invisible one is gone, and a trace when half of it is', async () => {
    const hidden = encodeInvisible(CODE);
    const lost = await read(waText(`Hello!${hidden.slice(0, 9)}${hidden.slice(10)} I have a question`));
    expect(lost.message.codes).toEqual([{ code: CODE, carrier: Carrier.CARRIER_INVISIBLE, intact: false }]);
    expect(lost.counts).toEqual({ 'invisible damaged': 1 });
    const half = await read(waText(`Hello!${hidden.slice(0, 12)} I have a question`));
    expect(half.message.codes).toEqual([]);
    expect(half.counts).toEqual({ 'invisible fragment': 1 });
  });

  it('is damaged when an emoji is lost, and intact when all are in text style', async () => {
    const emoji = [...encodeEmoji(CODE)];
    const styled = await read(waText(`Hello ${emoji.join('\ufe0e')}`));
    expect(styled.message.codes).toEqual([{ code: CODE, carrier: Carrier.CARRIER_EMOJI, intact: true }]);
    const lost = await read(waText(`Hello ${emoji.toSpliced(3, 1).join('')}`));
    expect(lost.message.codes).toEqual([{ code: CODE.slice(0, 3) + CODE.slice(4), carrier: Carrier.CARRIER_EMOJI, intact: false }]);
  });
});

describe('a text to a Telegram bot', () => {
  it('holds the code of any carrier, too', async () => {
    const gateway = await openGateway([workspaceOf()]);
    expect(await gateway.telegram(tgText(written('invisible')))).toBe(200);
    await gateway.app.close();
    const kind = gateway.log.touchpoints()[0]?.kind;
    expect(kind?.$case === 'message' && kind.value.codes).toEqual([{ code: CODE, carrier: Carrier.CARRIER_INVISIBLE, intact: true }]);
  });
});
