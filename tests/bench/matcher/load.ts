import { Carrier, Channel, DeviceClass } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { MessageKind, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';

export const ACCOUNTS = 48;
/** Event time the load covers: long enough that almost every lead also becomes final, as in a matcher that runs all day. */
export const HOURS = 12;
const DEVICES = [DeviceClass.DEVICE_CLASS_IOS, DeviceClass.DEVICE_CLASS_ANDROID, DeviceClass.DEVICE_CLASS_DESKTOP] as const;
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * People who click; one in `clicksPerMessage` writes with the code, seconds to minutes later: shaped as ingest and the gateway write
 * them, in the order in which they would be received.
 */
export function codedTouchpoints(messages: number, clicksPerMessage: number, endMs: number): readonly OutRecord[] {
  const random = mulberry32(7);
  const startMs = endMs - HOURS * 3_600_000;
  const events: { readonly atMs: number; readonly record: OutRecord }[] = [];
  const clicks = messages * clicksPerMessage;
  for (let index = 0; index < clicks; index += 1) {
    const account = `acc-${Math.floor(random() * ACCOUNTS)}`;
    const clickedAtMs = startMs + Math.floor((index / clicks) * HOURS * 3_600_000);
    const code = Array.from({ length: 10 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('');
    events.push({ atMs: clickedAtMs, record: clickRecord(account, index, code, clickedAtMs) });
    if (index % clicksPerMessage !== 0) continue;
    const writtenAtMs = Math.floor((clickedAtMs + 5_000 + random() * 180_000) / 1_000) * 1_000;
    events.push({ atMs: writtenAtMs + 800, record: messageRecord(account, index, code, writtenAtMs) });
  }
  return events.sort((a, b) => a.atMs - b.atMs).map(({ record }) => record);
}

function clickRecord(account: string, index: number, code: string, atMs: number): OutRecord {
  const clickId = `k${index.toString(36).padStart(21, '0')}`;
  return record(account, `click/bench/${clickId}`, 'Touchpoint.click', {
    eventTimeMs: atMs,
    observedAtMs: atMs,
    kind: {
      $case: 'click',
      value: {
        clickId,
        code,
        carriers: [Carrier.CARRIER_VISIBLE],
        greetingVariant: index % 3,
        visitId: `visit-${index}`,
        source: {
          utmSource: 'google',
          utmMedium: 'cpc',
          utmCampaign: `campaign-${index % 40}`,
          referrerHost: 'www.example.com',
          clickIds: { gclid: `Cj0KCQjw${index}` },
          placement: `placement-${index % 7}`,
        },
        place: { country: 'US', region: 'California', city: 'Los Angeles' },
        device: DEVICES[index % DEVICES.length]!,
        userAgent:
          'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
        languages: ['en-US', 'es'],
        bot: { isBot: false, reason: '' },
        origin: 1,
      },
    },
  });
}

function messageRecord(account: string, index: number, code: string, atMs: number): OutRecord {
  const messageId = `wamid.HBgLMTQxNTU1NTAxMDAVAgASGBQ${index.toString(36).padStart(8, '0')}`;
  return record(account, `wa/106540352242922/${messageId}`, 'Touchpoint.message', {
    eventTimeMs: atMs,
    observedAtMs: atMs + 800,
    kind: {
      $case: 'message',
      value: {
        messageId,
        channel: Channel.CHANNEL_WHATSAPP,
        contact: { keys: [`contact${index.toString(36).padStart(15, '0')}`] },
        kind: MessageKind.MESSAGE_KIND_TEXT,
        codes: [{ code, carrier: Carrier.CARRIER_VISIBLE, intact: true }],
        greetingVariant: index % 3,
        greetingPlacement: `placement-${index % 7}`,
        greetingSimilarity: 1,
        language: 'en',
        phonePlace: { country: 'US', region: 'California', city: '' },
        textLength: 48,
      },
    },
  });
}

type Partial = Parameters<typeof Touchpoint.fromPartial>[0];

function record(account: string, eventId: string, type: string, rest: Partial): OutRecord {
  const value = Touchpoint.encode(Touchpoint.fromPartial({ eventId, workspace: 'bench', account, ...rest })).finish();
  return { topic: TOPICS.touchpoints.name, key: `bench/${account}`, value, headers: encodeHeaders({ eventId, type, producedAtMs: 0 }) };
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
