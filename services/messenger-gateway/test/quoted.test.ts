/** What a message quotes is somebody else's, also where the quote holds a code: at every gateway that passes the quoted words on. */
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { providerOf } from '../src/adapters/providers.ts';
import { findFacts } from '../src/domain/facts.ts';
import { NOW } from './gateway.ts';
import { fixturesOf, GATEWAYS, type Gateway, gatewayWorkspace } from './gateway-accounts.ts';

const code = (seed: number) => newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + seed));
const OWN = code(5);
const QUOTED = code(99);
const own = `no. ${displayCode(OWN)}`;
const quoted = `no. ${displayCode(QUOTED)}`;

type Json = Record<string, unknown>;
const at = (value: unknown, ...path: readonly (string | number)[]): Json => path.reduce((each, key) => (each as Json)[key], value) as Json;

/** The fixture of a text with words of its own and a quote, as the gateway's pages show it. */
const QUOTES: Readonly<Record<Exclude<Gateway, 'edna'>, (body: unknown) => void>> = {
  wazzup: (body) => Object.assign(at(body, 'messages', 0), { text: own, quotedMessage: { messageId: 'q', text: quoted } }),
  chatapp(body) {
    const message = at(body, 'data', 0);
    Object.assign(at(message, 'message'), { text: own });
    message['quotedMessage'] = { id: 'q', type: 'text', message: { text: quoted, caption: quoted } };
  },
  'green-api'(body) {
    const quotedMessage = { stanzaId: 'q', participant: '79001234567@c.us', typeMessage: 'textMessage', textMessage: quoted };
    Object.assign(at(body), {
      messageData: { typeMessage: 'quotedMessage', extendedTextMessageData: { text: own, stanzaId: 'q' }, quotedMessage },
    });
  },
  waha(body) {
    const contextInfo = { stanzaId: 'q', quotedMessage: { conversation: quoted } };
    const _data = { quotedMsg: { body: quoted }, message: { extendedTextMessage: { text: own, contextInfo } } };
    Object.assign(at(body, 'payload'), { body: own, replyTo: { id: 'q', body: quoted }, _data });
  },
  evolution(body) {
    const contextInfo = { stanzaId: 'q', quotedMessage: { extendedTextMessage: { text: quoted } } };
    Object.assign(at(body, 'data'), { message: { extendedTextMessage: { text: own, contextInfo } }, contextInfo });
  },
  'z-api': (body) => Object.assign(at(body), { text: { message: own }, referenceMessageId: 'q', reply: { text: { message: quoted } } }),
  vk: (body) =>
    Object.assign(at(body, 'object', 'message'), { text: own, reply_message: { id: 9, text: quoted, fwd_messages: [{ text: quoted }] } }),
  max(body) {
    Object.assign(at(body, 'message', 'body'), { text: own });
    Object.assign(at(body, 'message'), {
      link: { type: 'reply', message: { mid: 'q', text: quoted, attachments: [{ type: 'file', filename: quoted }] } },
    });
  },
};

describe('a code in what a message quotes', () => {
  it.each(GATEWAYS.filter((each): each is Exclude<Gateway, 'edna'> => each !== 'edna'))(
    'is nobody’s at %s, and the person’s own counts',
    (gateway) => {
      const fixtures = fixturesOf(gateway);
      const body = structuredClone(
        (fixtures.find(({ name }) => name.startsWith('a text')) ?? fixtures.find(({ name }) => name.startsWith('several messages')))!.body,
      );
      QUOTES[gateway](body);
      const provider = providerOf(gateway)!;
      const account = [...gatewayWorkspace().accounts.values()].find((each) => each.provider === gateway)!;
      const [first] = provider
        .read(body, account, NOW)
        .flatMap(({ outcome }) => (outcome.kind === 'ok' && outcome.value.type === 'message' ? [outcome.value] : []));
      expect(first).toMatchObject({ forwarded: false, text: own });
      expect(
        findFacts(
          first!,
          () => '',
          () => undefined,
        ).codes.map((found) => found.code),
      ).toEqual([OWN]);
    },
  );
});
