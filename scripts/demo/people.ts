import { type Random, seededRandom } from './random.ts';

/**
 * Who takes part in the demo and what really happened: the known truth that the leads are judged against.
 * Each behaviour is something people do in the field; the shares are round numbers of that order, not measurements.
 */
export const BEHAVIOURS = {
  keeps_code: { share: 34, about: 'sends the greeting with its code as it is' },
  rewords_greeting: { share: 8, about: 'rewrites the greeting, keeps the code' },
  retypes_code: { share: 4, about: 'code in lower case, with spaces' },
  second_message: { share: 3, about: 'deletes the greeting, pastes the code in the second message' },
  edit_brings_code: { share: 1, about: 'sends without the code, then edits it in' },
  caption: { share: 2, about: 'sends a photo, the code is in the caption' },
  writes_before_beacon: { share: 2, about: 'the message overtakes the late click beacon' },
  deletes_code: { share: 5, about: 'deletes the code' },
  sends_emoji: { share: 2, about: 'sends the greeting with its code in emoji' },
  deletes_visible_code: { share: 2, about: 'deletes the code that can be seen; the invisible one stays' },
  damages_code: { share: 2, about: 'one symbol of the code is wrong' },
  telegram_start: { share: 14, about: 'presses START in the Telegram bot' },
  telegram_bare_start: { share: 2, about: 'the Telegram client lost the start payload' },
  ad_referral: { share: 4, about: 'comes from a Click-to-WhatsApp ad' },
  ad_without_click_id: { share: 1, about: 'comes from an ad in WhatsApp Status: no ctwa_clid' },
  sign: { share: 5, about: 'scans the sign, writes own words to its dedicated number' },
  hidden_number: { share: 3, about: 'has a username: no phone number in the webhook' },
  changes_number: { share: 1, about: 'writes, changes the number, writes again' },
  writes_again: { share: 3, about: 'writes again within the same conversation' },
  forwards: { share: 1, about: 'sends a friend the text, who sends it too' },
  organic: { share: 5, about: 'knows the number, never clicked' },
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

/** What a lead of this person must say to be right. */
export type Truth =
  | { readonly kind: 'click'; readonly click: string }
  | { readonly kind: 'ad'; readonly adId: string }
  | { readonly kind: 'placement'; readonly placement: string }
  | { readonly kind: 'none' };

export interface WhatsAppContact {
  readonly waId: string | undefined;
  readonly userId: string;
  readonly name: string;
}

export interface TelegramContact {
  readonly id: number;
  readonly name: string;
  readonly languageCode: string;
}

/** `text` gets what the person's messenger shows after the tap: the pre-filled greeting and the code in it. */
export type Words = (prefilled: { readonly text: string; readonly code: string }) => string;

export type Step =
  | {
      readonly do: 'redirect';
      readonly click: string;
      readonly placement: string;
      readonly query: Readonly<Record<string, string>>;
      readonly userAgent: string;
    }
  | {
      readonly do: 'beacon';
      readonly click: string;
      readonly placement: string;
      readonly source: Readonly<Record<string, string>>;
      readonly userAgent: string;
    }
  /** Makes the code in the browser, as the snippet does, without telling anybody yet. */
  | { readonly do: 'prepare'; readonly click: string; readonly placement: string }
  | {
      readonly do: 'whatsapp';
      readonly account: string;
      readonly contact: WhatsAppContact;
      readonly messageId: string;
      readonly as: 'text' | 'image' | 'edit';
      readonly words: Words;
      readonly click: string | undefined;
      readonly editsMessageId?: string;
      readonly referral?: Readonly<Record<string, string>>;
    }
  | {
      readonly do: 'number_change';
      readonly account: string;
      readonly contact: WhatsAppContact;
      readonly next: WhatsAppContact;
      readonly messageId: string;
    }
  | {
      readonly do: 'telegram';
      readonly account: string;
      readonly contact: TelegramContact;
      readonly messageNumber: number;
      readonly click: string | undefined;
      readonly bare: boolean;
    };

export interface Person {
  readonly behaviour: Behaviour;
  readonly steps: readonly Step[];
  /** By the id of the message that starts the lead. */
  readonly leads: readonly { readonly firstMessageId: string; readonly account: string; readonly truth: Truth }[];
}

const MOBILE = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
] as const;
const DESKTOP = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const CAMPAIGNS = ['spring', 'vip', 'retarget', 'brand'] as const;
const SOURCES = ['google', 'meta', 'yandex', 'newsletter'] as const;
const OWN_WORDS = [
  'Hi, how much is delivery to the centre?',
  'Здравствуйте! Сколько стоит доставка?',
  'Hola, ¿tienen sitio para mañana por la tarde?',
  'Good evening, is the red one still available?',
] as const;

/** People in the order in which they come; the same seed and number give the same people. */
export function people(seed: number, count: number, runId: string): readonly Person[] {
  const random = seededRandom(seed);
  const weights = Object.fromEntries(Object.entries(BEHAVIOURS).map(([name, { share }]) => [name, share])) as Record<Behaviour, number>;
  const firstNumber = numberOf(runId);
  return Array.from({ length: count }, (_, index) =>
    person(random.weighted(weights), `${runId}${index.toString(36)}x`, index, firstNumber, random),
  );
}

/** Contacts of another run are other people: with the same ones, a second run against an instance would be returning contacts only. */
function numberOf(runId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < runId.length; i++) hash = Math.imul(hash ^ runId.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

function person(behaviour: Behaviour, id: string, index: number, firstNumber: number, random: Random): Person {
  const click = `${id}c`;
  const messageId = (n: number): string => `wamid.${id}${n}`;
  const contact: WhatsAppContact = whatsAppContact(firstNumber + index, behaviour === 'hidden_number', random);
  const first = messageId(1);
  const say = (words: Words, more: Partial<Extract<Step, { do: 'whatsapp' }>> = {}): Step => ({
    do: 'whatsapp',
    account: 'sales-wa',
    contact,
    messageId: first,
    as: 'text',
    words,
    click,
    ...more,
  });
  const ownWords: Words = () => random0(OWN_WORDS, index);
  const site = random.next() < 0.5;
  const tap: Step = site ? beacon(click, random) : redirect(click, 'ad-redirect', random);
  const byClick = (steps: readonly Step[]): Person => ({
    behaviour,
    steps,
    leads: [{ firstMessageId: first, account: 'sales-wa', truth: { kind: 'click', click } }],
  });

  switch (behaviour) {
    case 'keeps_code':
    case 'hidden_number':
      return byClick([tap, say(({ text }) => text)]);
    case 'rewords_greeting':
      return byClick([tap, say(({ code }) => `Good day, I would like to know more please. ${code}`)]);
    case 'retypes_code':
      return byClick([tap, say(({ code }) => `hello ${code.toLowerCase().replace('-', ' ')}`)]);
    case 'second_message':
      return byClick([tap, say(ownWords), say(({ code }) => `oh, it says request ${code}`, { messageId: messageId(2) })]);
    case 'edit_brings_code':
      return byClick([tap, say(ownWords), say(({ text }) => text, { messageId: messageId(2), as: 'edit', editsMessageId: first })]);
    case 'caption':
      return byClick([tap, say(({ text }) => text, { as: 'image' })]);
    case 'writes_before_beacon':
      return byClick([{ do: 'prepare', click, placement: 'site-button' }, say(({ text }) => text), beacon(click, random)]);
    case 'deletes_code':
      return byClick([tap, say(({ text, code }) => text.replace(code, '').trim())]);
    case 'sends_emoji':
      return byClick([redirect(click, 'emoji-ad', random), say(({ text }) => text)]);
    case 'deletes_visible_code':
      return byClick([redirect(click, 'hidden-ad', random), say(({ text, code }) => text.replace(code, '').trim())]);
    case 'damages_code':
      return byClick([tap, say(({ text, code }) => text.replace(code, damaged(code)))]);
    case 'forwards': {
      const friend = whatsAppContact(firstNumber + index + 5_000_000, false, random);
      const second = messageId(2);
      return {
        behaviour,
        steps: [tap, say(({ text }) => text), say(({ text }) => text, { contact: friend, messageId: second })],
        leads: [
          { firstMessageId: first, account: 'sales-wa', truth: { kind: 'click', click } },
          { firstMessageId: second, account: 'sales-wa', truth: { kind: 'click', click } },
        ],
      };
    }
    case 'writes_again':
      return byClick([
        tap,
        say(({ text }) => text),
        say(() => 'And do you work on Sundays?', { messageId: messageId(2), click: undefined }),
      ]);
    case 'changes_number': {
      const next = whatsAppContact(firstNumber + index + 7_000_000, false, random);
      return byClick([
        tap,
        say(({ text }) => text),
        { do: 'number_change', account: 'sales-wa', contact, next, messageId: messageId(2) },
        say(() => 'It is me again, from my new number', { contact: next, messageId: messageId(3), click: undefined }),
      ]);
    }
    case 'ad_referral':
    case 'ad_without_click_id': {
      const adId = `1202${String(index).padStart(8, '0')}`;
      const referral: Record<string, string> = {
        source_url: 'https://fb.me/demo',
        source_id: adId,
        source_type: 'ad',
        headline: 'Chat with us',
      };
      if (behaviour === 'ad_referral') referral['ctwa_clid'] = `ARA${random.token(40)}`;
      return {
        behaviour,
        steps: [say(ownWords, { click: undefined, referral })],
        leads: [{ firstMessageId: first, account: 'sales-wa', truth: { kind: 'ad', adId } }],
      };
    }
    case 'sign':
      return {
        behaviour,
        steps: [redirect(click, 'metro-sign', random), say(ownWords, { account: 'sign-wa' })],
        leads: [{ firstMessageId: first, account: 'sign-wa', truth: { kind: 'placement', placement: 'metro-sign' } }],
      };
    case 'organic':
      return {
        behaviour,
        steps: [say(ownWords, { click: undefined })],
        leads: [{ firstMessageId: first, account: 'sales-wa', truth: { kind: 'none' } }],
      };
    case 'telegram_start':
    case 'telegram_bare_start': {
      const telegram: TelegramContact = {
        id: 5_000_000_000 + ((firstNumber + index) % 4_000_000_000),
        name: 'Ann',
        languageCode: random.pick(['en', 'ru', 'es']),
      };
      const messageNumber = index + 1;
      return {
        behaviour,
        steps: [
          redirect(click, 'tg-ad', random),
          { do: 'telegram', account: 'sales-tg', contact: telegram, messageNumber, click, bare: behaviour === 'telegram_bare_start' },
        ],
        leads: [{ firstMessageId: `${telegram.id}:${messageNumber}`, account: 'sales-tg', truth: { kind: 'click', click } }],
      };
    }
    default:
      return behaviour satisfies never;
  }
}

function redirect(click: string, placement: string, random: Random): Step {
  const source = random.pick(SOURCES);
  const query: Record<string, string> = { utm_source: source, utm_medium: 'cpc', utm_campaign: random.pick(CAMPAIGNS) };
  if (source === 'google') query['gclid'] = `EAIaIQob${random.token(30)}`;
  if (source === 'yandex') query['yclid'] = String(10 ** 15 + random.below(10 ** 9));
  return { do: 'redirect', click, placement, query, userAgent: random.next() < 0.8 ? random.pick(MOBILE) : DESKTOP };
}

function beacon(click: string, random: Random): Step {
  const source = { utm_source: random.pick(SOURCES), utm_medium: 'cpc', utm_campaign: random.pick(CAMPAIGNS) };
  return { do: 'beacon', click, placement: 'site-button', source, userAgent: random.next() < 0.6 ? random.pick(MOBILE) : DESKTOP };
}

/** Longer than any number of its country, which shows all the same: a demo never names a real person. */
function whatsAppContact(number: number, hidden: boolean, random: Random): WhatsAppContact {
  const waId = `3531555${String(number % 100_000_000).padStart(8, '0')}`;
  return { waId: hidden ? undefined : waId, userId: `IE.${waId}${random.token(6)}`, name: 'Sam' };
}

/** Replaces the third symbol by another one of the alphabet: what a slip of the thumb does. */
function damaged(code: string): string {
  const at = 2;
  return `${code.slice(0, at)}${code[at] === 'X' ? 'Y' : 'X'}${code.slice(at + 1)}`;
}

function random0<T>(items: readonly T[], index: number): T {
  return items[index % items.length]!;
}
