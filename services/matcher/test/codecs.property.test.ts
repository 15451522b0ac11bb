import { Lead as WireLead } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { Carrier, DeviceClass, NetworkClass } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Touchpoint as WireTouchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLead, encodeLead, toWireLead } from '../src/adapters/lead-codec.ts';
import { decodeInFull, decodeTouchpoint } from '../src/adapters/touchpoint-codec.ts';
import { readTouchpoint } from '../src/adapters/touchpoint-reader.ts';
import { lead, small, text, time } from './support/arbitraries.ts';
import { T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 2_000 };

const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('acme', 'wa', 'tg-2') }, { weight: 1, arbitrary: text });
const enumeration = fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom(-1, -(2 ** 31)) });

/** Where a share from 0 to 1 belongs; writers of other versions may put anything there. */
const anyDouble = fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, { weight: 1, arbitrary: fc.double() });

/** Partial messages: what is missing has its default. */
function some<T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
  return fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const wireSource = some({
  utmSource: text,
  utmMedium: text,
  utmCampaign: text,
  utmContent: text,
  utmTerm: text,
  referrerHost: text,
  adId: text,
  clickIds: fc.dictionary(text, text, { maxKeys: 3 }),
  placement: text,
  kind: fc.option(enumeration, { nil: undefined }),
});
const place = some({ country: text, region: text, city: text });
const click = some({
  clickId: fc.oneof(fc.constant('k1'), text),
  code: text,
  carriers: fc.array(enumeration, { maxLength: 3 }),
  greetingVariant: fc.option(small, { nil: undefined }),
  visitId: text,
  visitorId: text,
  source: wireSource,
  place,
  ip: text,
  device: enumeration,
  userAgent: text,
  languages: fc.array(text, { maxLength: 3 }),
  sourceKind: fc.option(enumeration, { nil: undefined }),
  bot: some({ isBot: fc.boolean(), reason: text }),
  origin: enumeration,
  network: enumeration,
  botScore: fc.option(anyDouble, { nil: undefined }),
  internal: fc.boolean(),
  internalReason: text,
  botSigns: fc.array(text, { maxLength: 3 }),
});
const message = some({
  messageId: fc.oneof(fc.constant('m1'), text),
  channel: enumeration,
  contact: some({ keys: fc.array(text, { maxLength: 3 }), platformUserId: text, phone: text, name: text }),
  kind: enumeration,
  codes: fc.array(some({ code: text, carrier: enumeration, intact: fc.boolean() }), { maxLength: 3 }),
  referral: some({ ctwaClid: text, sourceId: text, sourceType: text, sourceUrl: text, headline: text }),
  replyToMessageId: text,
  forwarded: fc.boolean(),
  editsMessageId: text,
  greetingVariant: fc.option(small, { nil: undefined }),
  greetingPlacement: text,
  greetingSimilarity: fc.double({ noNaN: true }),
  language: text,
  uiLanguage: text,
  phonePlace: place,
  startPayload: text,
  inviteLinkName: text,
  text,
  textLength: small,
  isStartCommand: fc.boolean(),
  device: enumeration,
  internal: fc.boolean(),
  internalReason: text,
  namedSource: fc.option(wireSource, { nil: undefined }),
  codeWord: text,
  codeWordSource: wireSource,
});
const epoch = some({ workspaceRevision: text, modelVersion: small, settings: some({ clickWindowMs: time, channel: enumeration }) });
const kind = fc.oneof(
  { weight: 5, arbitrary: fc.record({ $case: fc.constant('click' as const), value: click }) },
  { weight: 5, arbitrary: fc.record({ $case: fc.constant('message' as const), value: message }) },
  { weight: 1, arbitrary: fc.record({ $case: fc.constant('tick' as const), value: fc.record({ atMs: time }) }) },
  { weight: 1, arbitrary: fc.record({ $case: fc.constant('epoch' as const), value: epoch }) },
);
const touchpoint = some({ eventId: text, workspace: name, account: name, eventTimeMs: time, observedAtMs: time, kind }).map((partial) =>
  WireTouchpoint.encode(WireTouchpoint.fromPartial(partial as Parameters<typeof WireTouchpoint.fromPartial>[0])).finish(),
);
const received = (value: Uint8Array) => ({ offset: 7, value, timestampMs: T0 });

describe('the reader of clicks and messages', () => {
  it('agrees with the generated decoder on everything that it reads', () => {
    let read = 0;
    fc.assert(
      fc.property(touchpoint, (value) => {
        if (readTouchpoint(received(value)) !== undefined) read += 1;
        expect(decodeTouchpoint(received(value))).toEqual(decodeInFull(received(value)));
      }),
      RUNS,
    );
    expect(read).toBeGreaterThan(RUNS.numRuns / 20);
  });

  it('agrees with it on bytes that were cut, changed, doubled or never a touchpoint', () => {
    const broken = fc.oneof(
      fc.tuple(touchpoint, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const changed = Uint8Array.from(value);
        if (changed.length > 0) changed[at % changed.length] = byte;
        return changed;
      }),
      fc.tuple(touchpoint, fc.nat()).map(([value, at]) => value.slice(0, at % (value.length + 1))),
      fc.tuple(touchpoint, touchpoint).map(([first, second]) => Uint8Array.from([...first, ...second])),
      fc.tuple(touchpoint, fc.uint8Array({ maxLength: 12 })).map(([value, tail]) => Uint8Array.from([...value, ...tail])),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(broken, (value) => {
        expect(decodeTouchpoint(received(value))).toEqual(decodeInFull(received(value)));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads every click and message that ingest and the gateway write, without the generated decoder', () => {
    const usual = {
      eventId: 'click/acme/k1',
      workspace: 'acme',
      account: 'wa',
      eventTimeMs: T0,
      observedAtMs: T0 + 5,
    };
    const click = {
      clickId: 'k1',
      code: 'K7QM2X',
      carriers: [Carrier.CARRIER_VISIBLE, Carrier.CARRIER_START_PAYLOAD],
      source: { utmSource: 'Größe', clickIds: { gclid: 'x', fbclid: 'y' } },
      network: NetworkClass.NETWORK_CLASS_MOBILE,
      botScore: 0.25,
      internal: true,
      internalReason: 'visitor',
      botSigns: ['headless'],
    };
    const message = {
      messageId: 'm1',
      contact: { keys: ['a', 'b'] },
      codes: [{ code: 'K7QM2X', carrier: Carrier.CARRIER_VISIBLE, intact: true }],
      device: DeviceClass.DEVICE_CLASS_ANDROID,
      internal: true,
      internalReason: 'staff',
    };
    for (const value of [
      WireTouchpoint.fromPartial({ ...usual, kind: { $case: 'click', value: click } }),
      WireTouchpoint.fromPartial({ ...usual, kind: { $case: 'message', value: message } }),
    ]) {
      const read = readTouchpoint(received(WireTouchpoint.encode(value).finish()));
      expect(read).toMatchObject({ kind: value.kind?.$case, workspace: 'acme', account: 'wa' });
    }
  });
});

describe('what row 6 compares', () => {
  const usual = { workspace: 'acme', account: 'wa', eventTimeMs: T0, observedAtMs: T0 };
  function click(value: object) {
    const decoded = decodeTouchpoint(
      received(
        WireTouchpoint.encode(
          WireTouchpoint.fromPartial({ ...usual, kind: { $case: 'click', value: { clickId: 'k', ...value } } }),
        ).finish(),
      ),
    );
    if (decoded.kind !== 'ok' || decoded.value.kind !== 'click') throw new Error('no click');
    return decoded.value;
  }

  it('reads every kind of network, and what a later version writes as unknown', () => {
    const networks = [0, 1, 2, 3, 4, 17].map((network) => click({ network: network as NetworkClass }).click.network);
    expect(networks).toEqual(['unknown', 'fixed', 'mobile', 'hosting', 'vpn', 'unknown']);
  });

  it('tells a score of nothing from no score, and takes no number outside 0 to 1', () => {
    const scores = [undefined, 0, -0, 0.37, 1, 1.01, -0.01, Number.NaN, Number.POSITIVE_INFINITY];
    expect(scores.map((botScore) => click({ botScore }).click.botScore)).toEqual([-1, 0, 0, 0.37, 1, -1, -1, -1, -1]);
  });

  it('takes a text for other words only where the gateway looked for a greeting and found none', () => {
    const wording = (value: object) => {
      const wire = { ...usual, kind: { $case: 'message' as const, value: { messageId: 'm', contact: { keys: ['a'] }, ...value } } };
      const decoded = decodeTouchpoint(received(WireTouchpoint.encode(WireTouchpoint.fromPartial(wire)).finish()));
      return decoded.kind === 'ok' && decoded.value.kind === 'message' ? decoded.value.wording : undefined;
    };
    expect(wording({ textLength: 9, greetingVariant: 0, greetingSimilarity: 1 })).toBe('greeting');
    expect(wording({ textLength: 9 })).toBe('other');
    expect(wording({ textLength: 9, greetingSimilarity: 0.8 })).toBe('unknown');
    expect(wording({ textLength: 9, forwarded: true })).toBe('unknown');
    expect(wording({ textLength: 6, isStartCommand: true })).toBe('unknown');
    expect(wording({})).toBe('unknown');
  });

  it('marks what is the workspace’s own', () => {
    expect([click({ internal: true }).isInternal, click({}).isInternal]).toEqual([true, false]);
  });
});

describe('an epoch without workspace and account', () => {
  function epochOf(value: object, place: object = {}) {
    return decodeTouchpoint(
      received(
        WireTouchpoint.encode(
          WireTouchpoint.fromPartial({ eventTimeMs: T0, observedAtMs: T0, ...place, kind: { $case: 'epoch', value } }),
        ).finish(),
      ),
    );
  }

  it('switches the model of the whole partition', () => {
    expect(epochOf({ modelVersion: 7 })).toEqual({
      kind: 'ok',
      value: { kind: 'model', offset: 7, workspace: '', account: '', eventTimeMs: T0, observedAtMs: T0, modelVersion: 7 },
    });
  });

  it('is a dead letter when it names no model, half an account, or a time that cannot be', () => {
    expect(epochOf({ modelVersion: 0 })).toMatchObject({ kind: 'dead-letter', reason: 'missing_field' });
    expect(epochOf({ modelVersion: 7 }, { account: 'wa' })).toMatchObject({ kind: 'dead-letter', reason: 'missing_field' });
    expect(epochOf({ modelVersion: 7 }, { workspace: 'acme' })).toMatchObject({ kind: 'dead-letter', reason: 'missing_field' });
    expect(epochOf({ modelVersion: 7 }, { observedAtMs: T0 + 10 * 86_400_000 })).toMatchObject({ reason: 'timestamp_out_of_range' });
  });
});

describe('the writer of leads', () => {
  it('writes the bytes of the generated encoder', () => {
    fc.assert(
      fc.property(lead, (each) => {
        expect(Buffer.from(encodeLead(each)).toString('hex')).toBe(Buffer.from(WireLead.encode(toWireLead(each)).finish()).toString('hex'));
      }),
      RUNS,
    );
  });

  it('gives the lead back', () => {
    fc.assert(
      fc.property(lead, (each) => {
        expect(encodeLead(decodeLead(encodeLead(each)))).toEqual(encodeLead(each));
      }),
      { numRuns: 200 },
    );
  });
});
