import { EMPTY_SOURCE, type Source } from '@messtrack/matcher/domain/source.ts';
import type { ClickTouchpoint, Device, MessageTouchpoint, Network } from '@messtrack/matcher/domain/touchpoint.ts';

export interface TrafficOptions {
  readonly accounts: number;
  readonly clicksPerAccountHour: number;
  /** Share of clicks that write. */
  readonly writeShare: number;
  /** Share of clicks that are scripts and never write. */
  readonly botShare: number;
  /** Share of click-driven messages whose code is gone. */
  readonly lostShare: number;
  /** Messages from no click, as a share of those from clicks. */
  readonly organicShare: number;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly startMs: number;
  readonly seed?: number;
}

/** The base regime of reference/matching.md §7, but for the number of accounts. */
export const BASE = { clicksPerAccountHour: 30, writeShare: 0.25, botShare: 0.15, lostShare: 0.05, organicShare: 0.1 } as const;

export type Visit = ClickTouchpoint | MessageTouchpoint;

export interface Traffic {
  /** The next touchpoints in the order in which they are received. */
  take(count: number): readonly Visit[];
}

/** So many touchpoints, the last of them received within a second before `endMs`. */
export function trafficUntil(options: Omit<TrafficOptions, 'startMs'>, count: number, endMs: number): readonly Visit[] {
  const startMs = Math.floor(endMs / 1_000) * 1_000;
  const lastMs =
    createTraffic({ ...options, startMs })
      .take(count)
      .at(-1)?.observedAtMs ?? startMs;
  // By whole seconds: what falls into one second stays in one.
  const spanMs = Math.ceil((lastMs - startMs) / 1_000) * 1_000;
  return createTraffic({ ...options, startMs: startMs - spanMs }).take(count);
}

const HOUR_MS = 3_600_000;
/** From the messenger's timestamp, a full second, to the webhook. */
const WEBHOOK_MS = 800;
const KEPT_WORDING_SHARE = 0.3;
const VARIANTS = 64;
const CAMPAIGNS = 40;
const CAMPAIGNS_PER_ACCOUNT = 8;

const COUNTRIES = ['US', 'BR', 'DE', 'ES', 'KZ', 'AE'] as const;
const REGIONS = ['North', 'South', 'East', 'West', 'Capital'] as const;
const LANGUAGES: Readonly<Record<(typeof COUNTRIES)[number], string>> = { US: 'en', BR: 'pt', DE: 'de', ES: 'es', KZ: 'ru', AE: 'ar' };
const TAGS: Readonly<Record<string, string>> = { en: 'en-US', pt: 'pt-BR', de: 'de-DE', es: 'es-ES', ru: 'ru-RU', ar: 'ar-AE' };

/**
 * People who click on ads and write to the account, some without the code, and people who write without any click. Clicks are a Poisson
 * stream over all accounts; delays and shares are those of matching.md §7. The same options give the same traffic.
 */
export function createTraffic(options: TrafficOptions): Traffic {
  const { accounts, writeShare, botShare, lostShare, organicShare } = options;
  const random = mulberry32(options.seed ?? 7);
  const names = Array.from({ length: accounts }, (_, index) => flat(`acc-${index}`));
  const campaigns = Array.from({ length: CAMPAIGNS }, (_, index) => flat(`campaign-${index}`));
  const placements = campaigns.map((_, index) => flat(`placement-${index}`));
  const gapMs = HOUR_MS / (accounts * options.clicksPerAccountHour);
  const humansWhoWrite = writeShare / (1 - botShare);
  /** Messages on their way, by the second in which they are received. */
  const underway = new Map<number, MessageTouchpoint[]>();
  const ready: Visit[] = [];
  let readyFrom = 0;
  let nowMs = options.startMs;
  let flushedSecond = Math.floor(options.startMs / 1_000);
  let clicks = 0;
  let messages = 0;
  let offset = 0;

  return {
    take(count) {
      while (ready.length - readyFrom < count) step();
      const taken = ready.slice(readyFrom, readyFrom + count);
      readyFrom += count;
      if (readyFrom > 65_536) {
        ready.splice(0, readyFrom);
        readyFrom = 0;
      }
      return taken;
    },
  };

  /** One click, and before it the messages that come earlier. */
  function step(): void {
    nowMs += -Math.log(1 - random()) * gapMs;
    const second = Math.floor(nowMs / 1_000);
    for (; flushedSecond < second; flushedSecond += 1) {
      const due = underway.get(flushedSecond);
      if (due === undefined) continue;
      underway.delete(flushedSecond);
      for (const message of due.sort((a, b) => a.observedAtMs - b.observedAtMs)) ready.push({ ...message, offset: offset++ });
    }
    const index = Math.floor(random() * accounts);
    const isBot = random() < botShare;
    const made = click(index, Math.floor(nowMs), isBot);
    ready.push(made);
    if (!isBot && random() < humansWhoWrite) send(fromClick(made, index));
    if (random() < writeShare * organicShare) send(message(index, nowMs, COUNTRIES[index % COUNTRIES.length]!, [], -1, 'other'));
  }

  function send(made: MessageTouchpoint): void {
    const second = Math.floor(made.observedAtMs / 1_000);
    const due = underway.get(second);
    if (due === undefined) underway.set(second, [made]);
    else due.push(made);
  }

  function click(index: number, atMs: number, isBot: boolean): ClickTouchpoint {
    const home = COUNTRIES[index % COUNTRIES.length]!;
    const country = random() < 0.93 ? home : pick(COUNTRIES, random);
    const device: Device = random() < 0.2 ? 'desktop' : random() < 0.5 ? 'ios' : 'android';
    const network: Network = random() < 0.05 ? 'vpn' : device === 'desktop' ? 'fixed' : 'mobile';
    // Squared: the first campaigns of an account have most of its clicks.
    const campaign = (index * 3 + Math.floor(random() ** 2 * CAMPAIGNS_PER_ACCOUNT)) % CAMPAIGNS;
    const source: Source = {
      ...EMPTY_SOURCE,
      utmSource: 'google',
      utmMedium: 'cpc',
      utmCampaign: campaigns[campaign]!,
      referrerHost: 'www.example.com',
      clickIds: [['gclid', idText('Cj0KCQjw', clicks)]],
      placement: placements[campaign]!,
    };
    const number = clicks++;
    return {
      kind: 'click',
      offset: offset++,
      workspace: 'bench',
      account: names[index]!,
      eventTimeMs: atMs,
      observedAtMs: atMs,
      isBot: false,
      isInternal: false,
      click: {
        clickId: idText('k', number),
        code: codeText(random),
        clickedAtMs: atMs,
        source,
        greetingVariant: Math.floor(random() * VARIANTS),
        visitorId: '',
        country,
        region: regionOf(random),
        device,
        languages: [TAGS[LANGUAGES[country]]!, 'en-US'],
        network,
        botScore: isBot ? 0.6 + 0.4 * random() : 0.3 * random() ** 2,
      },
    };
  }

  function fromClick({ click: from }: ClickTouchpoint, index: number): MessageTouchpoint {
    const writtenMs = from.clickedAtMs + delayMs(from.device);
    if (random() >= lostShare) return message(index, writtenMs, from.country, [from.code], from.greetingVariant, 'greeting', from.region);
    const isKept = random() < KEPT_WORDING_SHARE;
    // Whoever takes the code out needs time for it.
    const editedMs = writtenMs + 16_000 * random();
    return message(index, editedMs, from.country, [], isKept ? from.greetingVariant : -1, isKept ? 'greeting' : 'other', from.region);
  }

  function message(
    index: number,
    atMs: number,
    country: (typeof COUNTRIES)[number] | string,
    codes: readonly string[],
    greetingVariant: number,
    wording: MessageTouchpoint['wording'],
    region: string = regionOf(random),
  ): MessageTouchpoint {
    const eventTimeMs = Math.floor(atMs / 1_000) * 1_000;
    const number = messages++;
    return {
      kind: 'message',
      // Given when it is received.
      offset: -1,
      workspace: 'bench',
      account: names[index]!,
      eventTimeMs,
      observedAtMs: eventTimeMs + WEBHOOK_MS,
      messageId: idText('wamid.HBgLMTQxNTU1NTAxMDAVAgASGBQ', number),
      editsMessageId: '',
      channel: 'whatsapp',
      class: 'words',
      contactKeys: [idText('contact', number)],
      platformUserId: '',
      phone: '',
      codes: codes.map((code) => ({ code, carrier: 'visible', intact: true })),
      referral: undefined,
      replyToMessageId: '',
      forwarded: false,
      startPayload: '',
      inviteLinkName: '',
      namedSource: undefined,
      codeWord: undefined,
      language: LANGUAGES[country as (typeof COUNTRIES)[number]],
      uiLanguage: '',
      country,
      region,
      greetingVariant,
      greetingPlacement: greetingVariant < 0 ? '' : placements[0]!,
      wording,
      device: 'unknown',
      isInternal: false,
    };
  }

  function delayMs(device: Device): number {
    const which = random();
    if (which < 0.72) return logNormalMs(device === 'desktop' ? 60_000 : 18_000);
    return logNormalMs(which < 0.9 ? 4 * 60_000 : 3 * HOUR_MS);
  }

  function logNormalMs(medianMs: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(1_000, medianMs * Math.exp(normal));
  }
}

const ALPHABET = Buffer.from('23456789ABCDEFGHJKMNPQRSTVWXYZ', 'latin1');
const scratch = Buffer.alloc(64);

/**
 * A string of one piece, as decoding makes them. Joining pieces would leave a tree of them behind each id, and the heap would be measured
 * with it.
 */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function idText(prefix: string, number: number): string {
  const start = scratch.write(prefix, 0, 'latin1');
  let rest = number;
  for (let at = start + 14; at >= start; at -= 1) {
    scratch[at] = ALPHABET[rest % ALPHABET.length]!;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return scratch.toString('latin1', 0, start + 15);
}

function codeText(random: () => number): string {
  for (let at = 0; at < 10; at += 1) scratch[at] = ALPHABET[Math.floor(random() * ALPHABET.length)]!;
  return scratch.toString('latin1', 0, 10);
}

/** Most people of a country live in the first of its regions. */
function regionOf(random: () => number): string {
  return REGIONS[Math.floor(random() ** 2 * REGIONS.length)]!;
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}

/** A small seeded generator: the same load in every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
