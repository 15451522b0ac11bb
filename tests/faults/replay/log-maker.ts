import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import type { ClickTouchpoint, MessageTouchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { Channel } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { recordOf } from '../../bench/matcher/records.ts';
import { BASE, createTraffic } from '../../bench/matcher/traffic.ts';

/** A record on its way into the log. */
export interface Arrival extends Made {
  /** By the bus's clock. Milliseconds since the Unix epoch, UTC. */
  readonly timestampMs: number;
}

/** A record before it has a place in the log. */
export interface Made {
  /** Decides the partition, as a record key does. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly kind: MadeKind;
}

export type MadeKind =
  | 'click'
  | 'message'
  | 'message without code'
  | 'late click'
  | 'second delivery'
  | 'forwarded code'
  | 'code in a later message'
  | 'code in an edit'
  | 'damaged code'
  | 'contact change'
  | 'message under new keys'
  | 'correction'
  | 'settings'
  | 'own click'
  | 'unreadable';

export interface LogOptions {
  readonly accounts: number;
  readonly clicksPerAccountHour: number;
  readonly seed: number;
}

const WORKSPACE = 'bench';
const START_MS = Date.UTC(2026, 0, 5);

/**
 * An endless log of the base regime with everything that bears on decisions beside it: what comes late, twice, damaged, from somebody else,
 * in an edit, under other keys, corrected from outside, and what nobody can read. The same options give the same log.
 */
export function* makeLog({ accounts, clicksPerAccountHour, seed }: LogOptions): Generator<Arrival, never, undefined> {
  const traffic = createTraffic({ ...BASE, accounts, clicksPerAccountHour, startMs: START_MS, seed });
  const random = mulberry32(seed * 7 + 1);
  const chance = (share: number): boolean => random() < share;
  /** What comes later, by the number of the visit behind which it comes. */
  const later = new Map<number, Made[]>();
  let nowMs = START_MS;

  function after(number: number, visits: number, make: (atMs: number) => Made): void {
    const due = number + Math.max(1, Math.ceil(visits * random()));
    const all = later.get(due) ?? [];
    later.set(due, [...all, make(nowMs)]);
  }

  for (let account = 0; account < accounts; account += 1) yield now(settings(account, nowMs, 30));

  for (let number = 0; ; number += 1) {
    for (const made of later.get(number) ?? []) yield now(at(made, nowMs));
    later.delete(number);
    const [visit] = traffic.take(1);
    if (visit === undefined) throw new Error('the traffic has ended, which it never does');
    nowMs = visit.observedAtMs;
    if (chance(0.00001)) yield now(settings(Math.floor(random() * accounts), nowMs, 7 + Math.floor(random() * 30)));
    if (chance(0.0002)) yield now(unreadable(visit.account));
    for (const made of visit.kind === 'click' ? clickRecords(visit, number) : messageRecords(visit, number)) yield now(made);
  }

  function now(record: Made): Arrival {
    return { ...record, timestampMs: nowMs };
  }

  function* clickRecords(click: ClickTouchpoint, number: number): Generator<Made> {
    if (chance(0.01)) {
      // Spooled while the broker was away; a message with its code may be there first.
      after(number, 4 * accounts, () => made(recordOf(click), 'late click'));
      return;
    }
    if (chance(0.002)) {
      yield changed(recordOf(click), 'own click', (touchpoint) => {
        if (touchpoint.kind?.$case === 'click') touchpoint.kind.value.internal = true;
      });
      return;
    }
    yield made(recordOf(click), 'click');
  }

  function* messageRecords(message: MessageTouchpoint, number: number): Generator<Made> {
    const [code] = message.codes;
    const [contact = ''] = message.contactKeys;
    const plain = { ...message, codes: [] };
    const which = random();
    if (code !== undefined && which < 0.03) {
      yield made(recordOf(plain), 'message without code');
      const second = { ...message, messageId: `${message.messageId}-2`, eventTimeMs: message.eventTimeMs + 20_000 };
      after(number, accounts, () => made(recordOf(second), 'code in a later message'));
    } else if (code !== undefined && which < 0.04) {
      yield made(recordOf(plain), 'message without code');
      after(number, accounts, () =>
        changed(recordOf(message), 'code in an edit', (touchpoint) => {
          touchpoint.eventId += '/edit';
          if (touchpoint.kind?.$case === 'message') touchpoint.kind.value.editsMessageId = message.messageId;
        }),
      );
    } else if (code !== undefined && which < 0.05) {
      const slip = `${code.code.slice(0, 3)}Z${code.code.slice(4)}`;
      yield made(recordOf({ ...message, codes: [{ ...code, code: slip, intact: false }] }), 'damaged code');
    } else {
      yield made(recordOf(message), code === undefined ? 'message without code' : 'message');
    }
    if (chance(0.02)) after(number, 20 * accounts, () => made(recordOf(message), 'second delivery'));
    if (code !== undefined && chance(0.01)) {
      const friend = {
        ...message,
        messageId: `${message.messageId}-f`,
        contactKeys: [`${contact}-friend`],
        eventTimeMs: message.eventTimeMs + 600_000,
      };
      after(number, 20 * accounts, () => made(recordOf(friend), 'forwarded code'));
    }
    if (chance(0.003)) {
      after(number, 10 * accounts, (atMs) => contactChange(message.account, contact, atMs));
      const again = {
        ...message,
        messageId: `${message.messageId}-n`,
        contactKeys: [`${contact}-new`],
        codes: [],
        eventTimeMs: message.eventTimeMs + 3_600_000,
      };
      after(number + 10 * accounts, 10 * accounts, () => made(recordOf(again), 'message under new keys'));
    }
    if (chance(0.004)) {
      const leadId = leadIdOf(WORKSPACE, message.account, contact, message.messageId);
      after(number, 60 * accounts, (atMs) => correction(message.account, leadId, chance(0.5), atMs));
    }
  }
}

function made({ key, value }: { readonly key: string | Uint8Array; readonly value: Uint8Array }, kind: MadeKind): Made {
  return { key: String(key), value, kind };
}

/** Received now: its own time of receipt would be that of the visit it was made from. */
function at(record: Made, nowMs: number): Made {
  const touchpoint = Touchpoint.decode(record.value);
  return { ...record, value: Touchpoint.encode({ ...touchpoint, observedAtMs: nowMs }).finish() };
}

function changed(record: ReturnType<typeof recordOf>, kind: MadeKind, change: (touchpoint: Touchpoint) => void): Made {
  const touchpoint = Touchpoint.decode(record.value);
  change(touchpoint);
  return made({ key: record.key, value: Touchpoint.encode(touchpoint).finish() }, kind);
}

function other(account: string, nowMs: number, kind: MadeKind, value: Parameters<typeof Touchpoint.fromPartial>[0]['kind']): Made {
  const touchpoint = {
    eventId: `${kind}/${account}/${nowMs}`,
    workspace: WORKSPACE,
    account,
    eventTimeMs: nowMs,
    observedAtMs: nowMs,
    kind: value,
  };
  return made({ key: `${WORKSPACE}/${account}`, value: Touchpoint.encode(Touchpoint.fromPartial(touchpoint)).finish() }, kind);
}

function settings(account: number, nowMs: number, windowDays: number): Made {
  return other(`acc-${account}`, nowMs, 'settings', {
    $case: 'epoch',
    value: {
      workspaceRevision: String(windowDays).padStart(16, '0'),
      modelVersion: 0,
      settings: { clickWindowMs: windowDays * 86_400_000, returningWindowMs: 90 * 86_400_000, channel: Channel.CHANNEL_WHATSAPP },
    },
  });
}

function contactChange(account: string, contact: string, nowMs: number): Made {
  return other(account, nowMs, 'contact change', {
    $case: 'contactChange',
    value: { previousKeys: [contact], keys: [`${contact}-new`], reason: 'changed_number', channel: Channel.CHANNEL_WHATSAPP },
  });
}

function correction(account: string, leadId: string, hasSource: boolean, nowMs: number): Made {
  const source = hasSource ? { utmSource: 'crm', utmCampaign: 'said-by-phone' } : undefined;
  return other(account, nowMs, 'correction', { $case: 'correction', value: { leadId, clickId: '', source, correctedBy: 'crm' } });
}

function unreadable(account: string): Made {
  return { key: `${WORKSPACE}/${account}`, value: Uint8Array.of(0xff, 0xff, 0xff), kind: 'unreadable' };
}

/** A small seeded generator: the same log in every run. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
