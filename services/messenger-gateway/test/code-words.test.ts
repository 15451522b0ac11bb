import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOf } from '../src/adapters/language-detector.ts';
import { codeWordsOf, greetingsOf } from '../src/adapters/receivers.ts';
import { messageRecord } from '../src/adapters/touchpoint-record.ts';
import { compileCodeWords } from '../src/domain/code-words.ts';
import { findFacts } from '../src/domain/facts.ts';
import type { InboundMessage } from '../src/domain/inbound.ts';
import { openGateway, tgText, waBody, waText, workspaceOf } from './gateway.ts';

const find = compileCodeWords([
  { placement: 'poster', words: ['BLUE', 'СИНИЙ'] },
  { placement: 'radio', words: ['Blue Door', 'CAFÉ 24'] },
  { placement: 'leaflet', words: ['orchid'] },
]);

describe('a printed word', () => {
  it.each([
    ['BLUE', 'BLUE', 'poster'],
    ['blue', 'BLUE', 'poster'],
    [' «Blue»! ', 'BLUE', 'poster'],
    ['Hi, BLUE', 'BLUE', 'poster'],
    ['blue please 🙂', 'BLUE', 'poster'],
    ['code word: blue', 'BLUE', 'poster'],
    ['ВLUЕ', 'BLUE', 'poster'],
    ['ｂｌｕｅ', 'BLUE', 'poster'],
    ['b\u200blue', 'BLUE', 'poster'],
    ['синий', 'СИНИЙ', 'poster'],
    ['Здравствуйте, синий', 'СИНИЙ', 'poster'],
    ['Hello! The sign in the underground says to write BLUE for a discount', 'BLUE', 'poster'],
    ['My BLUETOOTH speaker broke, and the sign here says to write BLUE for help', 'BLUE', 'poster'],
    ['my friend saw a sign with "blue" on it, what is it about?', 'BLUE', 'poster'],
    ['my friend saw a sign with ＂ｂｌｕｅ＂ on it, what is it about?', 'BLUE', 'poster'],
    ['my friend saw a sign with « blue! » on it, what is it about?', 'BLUE', 'poster'],
    ["I don't know what 'blue' on that sign of yours means, so I ask", 'BLUE', 'poster'],
    ['the sign in the underground says to write ＢＬＵＥ for a discount', 'BLUE', 'poster'],
    ['the sign in the underground says to write ВLUE for a discount', 'BLUE', 'poster'],
    ['they said on the radio to write "cafe 24" to you, so here I am', 'CAFÉ 24', 'radio'],
    ['they said on the radio to write CAFE 24 to you, so here I am', 'CAFÉ 24', 'radio'],
    ['blue door', 'Blue Door', 'radio'],
    ['BLUE DOOR!', 'Blue Door', 'radio'],
    ['cafe 24', 'CAFÉ 24', 'radio'],
    ['Orchid', 'orchid', 'leaflet'],
    ['orhcid', 'orchid', 'leaflet'],
  ])('%j is %s', (text, word, placement) => {
    expect(find(text)).toEqual({ word, placement });
  });

  it.each([
    [''],
    ['Do you have this shirt in blue or in green?'],
    ['is the blue one still there'],
    ['WHY IS NOBODY ANSWERING ABOUT MY BLUE SHIRT'],
    ["I don't think blue is what we're looking for, is there another one"],
    ['he said "blue is not my colour" and left, what else do you have'],
    ['BLUEBERRY'],
    ['I like BLUEBERRY pie and nothing else in the world'],
    ['blur'],
    ['blue, orchid'],
    ['👍'],
  ])('%j is none', (text) => {
    expect(find(text)).toBeUndefined();
  });

  it('never throws, and is found in any case, with any marks around it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void find(text)));
    const mark = fc.string({ unit: fc.constantFrom(' ', '.', '!', '🙂', '\u200f', '"', '\n', '-') });
    fc.assert(
      fc.property(mark, mark, fc.constantFrom('BLUE', 'blue', 'Blue', 'bLuE'), (before, after, word) => {
        expect(find(`${before}${word}${after}`)).toEqual({ word: 'BLUE', placement: 'poster' });
      }),
    );
  });
});

describe('a message with a printed word', () => {
  const parsed = parseWorkspace(
    `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  wa2: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
placements:
  poster: { kind: print, pool: [{ account: wa }], words: [BLUE], source: { utm_source: outdoor, utm_campaign: metro } }
`,
    { file: 'acme.yaml', env: {}, readFile: () => '' },
  );
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { workspace } = parsed;
  const inbound = (part: Partial<InboundMessage>): InboundMessage => ({
    type: 'message',
    channel: 'whatsapp',
    eventId: 'm1',
    messageId: 'm1',
    eventTimeMs: 1_790_000_000_000,
    kind: 'text',
    sender: { identifiers: [{ kind: 'wa_id', value: '14155550199' }], name: '', uiLanguage: '', isBot: false },
    text: 'Blue!',
    attachments: [],
    buttonPayload: '',
    mayBeStartCommand: false,
    referral: undefined,
    replyToMessageId: '',
    forwarded: false,
    editsMessageId: '',
    inviteLinkName: '',
    ...part,
  });
  function written(part: Partial<InboundMessage>, account = 'wa') {
    const message = inbound(part);
    const facts = findFacts(message, languageOf, greetingsOf(workspace, account), codeWordsOf(workspace, account));
    const { record } = messageRecord(message, facts, { workspace, account, observedAtMs: 1_790_000_000_000, traceparent: undefined });
    const { kind } = Touchpoint.decode(record.value as Uint8Array);
    if (kind?.$case !== 'message') throw new Error('no message');
    return kind.value;
  }

  it('carries the word and the source of its placement, and no text', () => {
    expect(written({})).toMatchObject({
      codeWord: 'BLUE',
      codeWordSource: { placement: 'poster', utmSource: 'outdoor', utmCampaign: 'metro' },
      text: '',
    });
  });

  it('carries neither when it is forwarded or reached an account the sign does not name', () => {
    for (const message of [written({ forwarded: true }), written({}, 'wa2'), written({ text: '' })])
      expect(message).toMatchObject({ codeWord: '', codeWordSource: undefined });
  });
});

describe('a webhook with a printed word', () => {
  const withWords = workspaceOf('', (file) =>
    file.replace(
      '  tg-ad:',
      '  poster: { kind: print, account: sales-wa, words: [BLUE] }\n  shop-window: { kind: print, account: sales-tg, words: [BLUE] }\n  tg-ad:',
    ),
  );

  it('writes the word of the account that received it, on any channel, and counts it', async () => {
    const gateway = await openGateway([withWords]);
    expect(await gateway.whatsapp(waBody({ messages: [waText('Hi, blue')] }))).toBe(200);
    expect(await gateway.telegram(tgText('BLUE!'))).toBe(200);
    expect(await gateway.whatsapp(waBody({ messages: [waText('do you have this in blue and in red?')] }))).toBe(200);
    const words = gateway.log
      .touchpoints()
      .map(({ kind }) => (kind?.$case === 'message' ? [kind.value.codeWord, kind.value.codeWordSource?.placement] : []));
    expect(words).toEqual([
      ['BLUE', 'poster'],
      ['BLUE', 'shop-window'],
      ['', undefined],
    ]);
    expect(await gateway.count('messtrack_gateway_codes_total', 'word')).toBe(2);
    await gateway.app.close();
    await gateway.service.close?.();
  });
});
