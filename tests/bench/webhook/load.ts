/** The load of the webhook benchmark: signed WhatsApp posts as people cause them. */
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';

export const WORKSPACES = fileURLToPath(new URL('../../../examples/workspaces', import.meta.url));
/** Defaults of the demo workspace. */
export const APP_SECRET = 'demo-wa-app-secret';
export const HOOK_PATH = '/hooks/whatsapp/demo/sales-wa';
export const BARE_TOPIC = 'bench.webhook.bare';
const PHONE_NUMBER_ID = '106540352242922';

const GREETINGS = [
  'Hello! I have a question',
  'Hi, I am writing from your site',
  'Hello! I saw your offer',
  'Hi! Is the offer still open?',
];
const OWN_WORDS = [
  'Good evening, how much is delivery to the centre?',
  'Do you still have the blue one in size 42?',
  'Здравствуйте, подскажите пожалуйста сколько стоит доставка',
  'Hola, quiero información sobre el precio y los plazos',
  'Bom dia, vocês entregam hoje à tarde?',
  'Guten Tag, ich hätte eine Frage zur Lieferung',
];

export interface SignedPost {
  readonly body: string;
  readonly signature: string;
}

/** `count` posts of one message each: 85 % keep the greeting and the code, 15 % are own words; every sender and message id differs. */
export function signedPosts(count: number, seed: number): readonly SignedPost[] {
  const next = generator(seed);
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => Math.floor(next() * 256));
  return Array.from({ length: count }, (_, i) => {
    const words =
      next() < 0.85
        ? renderVisible(GREETINGS[i % GREETINGS.length]!, newCode(bytes), '{greeting} (request no. {code})')
        : `${OWN_WORDS[i % OWN_WORDS.length]!} ${Math.floor(next() * 50)}`;
    const body = JSON.stringify(
      webhook(`1${2_000_000_000 + Math.floor(next() * 7_999_999_999)}`, `wamid.HBgL${seed}x${i}`, words),
    ).replaceAll(
      /[\u0080-\uffff]/g,
      // Meta escapes what is not ASCII.
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return { body, signature: `sha256=${createHmac('sha256', APP_SECRET).update(body).digest('hex')}` };
  });
}

function webhook(waId: string, id: string, text: string): object {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '14155550100', phone_number_id: PHONE_NUMBER_ID },
              contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: waId, user_id: `US.${waId}99` }],
              messages: [
                {
                  from: waId,
                  from_user_id: `US.${waId}99`,
                  id,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  type: 'text',
                  text: { body: text },
                },
              ],
            },
            field: 'messages',
          },
        ],
      },
    ],
  };
}

export function generator(seed: number): () => number {
  let a = seed * 0x9e3779b9;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
