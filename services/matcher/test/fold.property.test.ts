import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import type { Lead } from '../src/domain/lead.ts';
import type { Source } from '../src/domain/source.ts';
import type { Touchpoint } from '../src/domain/touchpoint.ts';
import { anyLog, CAMPAIGNS, CODES, COUNTRIES, contestedLog, PEOPLE } from './support/any-log.ts';
import { encodedLeads, foldLog, type ModelShelf, newest, stateBytes } from './support/fold-harness.ts';
import {
  click,
  contactChange,
  correction,
  edit,
  HOUR,
  log,
  MINUTE,
  message,
  SECOND,
  source,
  T0,
  tick,
  type Unplaced,
} from './support/log-builder.ts';
import { notNumbersIn } from './support/numbers.ts';
import { type ToyTruth, toyTraffic } from './support/toy-traffic.ts';

const RUNS = { numRuns: 300 };

/** Six days of an account with a few hundred leads. */
const TOY: ToyTruth = {
  seed: 3,
  days: 6,
  clicksPerHour: 20,
  writes: 0.3,
  loses: { ios: 0.2, android: 0.2 },
  medianDelayS: 40,
  spread: 1.2,
  editS: 30,
  organicPerHour: 0.6,
  modelEveryHours: 24,
};

describe('the fold', () => {
  it('gives the same leads and the same state wherever its batches are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
        async (touchpoints, batchSizes) => {
          // Each fold teaches its own models: what accounts have taught must be the same too.
          const whole = await foldLog(touchpoints, { shelf: new Map() });
          const cut = await foldLog(touchpoints, { batchSizes, shelf: new Map() });
          expect(encodedLeads(cut.leads)).toEqual(encodedLeads(whole.leads));
          expect(stateBytes(cut.state).toString('hex')).toBe(stateBytes(whole.state).toString('hex'));
        },
      ),
      RUNS,
    );
  });

  it('gives bit for bit the same leads from any snapshot on, over a store that already holds the future', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        async (touchpoints, at, size) => {
          const cut = Math.floor(at * touchpoints.length);
          const known: ModelShelf = new Map();
          const head = await foldLog(touchpoints.slice(0, cut), { batchSizes: [size], shelf: known });
          const snapshot = stateBytes(head.state);
          const shelf = new Map(known);
          // The live matcher goes on and fills the store; then another owner starts from the snapshot and folds the same tail again.
          const live = await foldLog(touchpoints.slice(cut), { state: head.state, joins: head.joins, shelf: known });
          const state = decodeState(0, snapshot, (version) => shelf.get(version))!;
          const replayed = await foldLog(touchpoints.slice(cut), { state, joins: head.joins, batchSizes: [size], shelf });
          expect(encodedLeads(replayed.leads)).toEqual(encodedLeads(live.leads));
          expect(stateBytes(replayed.state).toString('hex')).toBe(stateBytes(live.state).toString('hex'));
        },
      ),
      RUNS,
    );
  });

  it('gives the same snapshot from a lead that had no source when the snapshot before it was taken', async () => {
    const touchpoints = log(
      message({ id: 'm0', from: 'ann', at: T0, codes: ['EEEE'] }),
      click({ id: 'click-EEEE', code: 'EEEE', at: T0 + MINUTE }),
    );
    const head = await foldLog(touchpoints.slice(0, 1));
    const restored = decodeState(0, stateBytes(head.state), () => undefined)!;
    const live = await foldLog(touchpoints.slice(1), { state: head.state, joins: head.joins });
    const replayed = await foldLog(touchpoints.slice(1), { state: restored, joins: head.joins });
    expect(stateBytes(replayed.state).toString('hex')).toBe(stateBytes(live.state).toString('hex'));
    expect(encodedLeads(replayed.leads)).toEqual(encodedLeads(live.leads));
  });

  it('gives the same leads when anything is delivered again, at once or later', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }), async (touchpoints, repeats) => {
        const again = [...touchpoints];
        for (const [which, where] of repeats) {
          const source = which % again.length;
          const target = source + 1 + (where % (again.length - source));
          again.splice(target, 0, again[source]!);
        }
        const once = newest((await foldLog(log(...touchpoints))).leads);
        const more = newest((await foldLog(log(...again))).leads);
        expect(decisions(more)).toEqual(decisions(once));
      }),
      RUNS,
    );
  });

  it('ends in the same decision whatever order click, messages and edits come in', async () => {
    const happenings = [
      click({ id: 'c1', code: 'AAAA', at: T0, observed: T0 + MINUTE }),
      message({ id: 'm1', from: 'ann', at: T0 + 20 * SECOND, observed: T0 + MINUTE }),
      message({ id: 'm2', from: 'ann', at: T0 + 40 * SECOND, observed: T0 + MINUTE }),
      edit({ id: 'm1', of: 'm1', from: 'ann', at: T0 + 50 * SECOND, observed: T0 + MINUTE, codes: ['AAAA'] }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(happenings, { minLength: 4 }), async (order) => {
        const leads = newest((await foldLog(log(...order, tick(T0 + 2 * HOUR)))).leads);
        expect(leads).toHaveLength(1);
        expect(leads[0]).toMatchObject({
          method: 'exact_id',
          clickId: 'c1',
          state: 'final',
          firstMessageId: 'm1',
          startedAtMs: T0 + 20 * SECOND,
        });
      }),
      { numRuns: 100 },
    );
  });

  it('emits probabilities and shares that sum to 1 exactly, revisions without gaps and never a NaN', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyLog, contestedLog), async (touchpoints) => {
        const revisions = new Map<string, number>();
        const { leads, state } = await foldLog(touchpoints, { shelf: new Map() });
        for (const lead of leads) {
          expect(unitsOf([lead.pNone, lead.pOther, ...lead.candidates.map(({ probability }) => probability)])).toBe(10_000);
          expect(unitsOf(lead.sourceShares.map(({ share }) => share))).toBe(10_000);
          expect(unitsOf([lead.probability])).toBeLessThanOrEqual(10_000);
          expect(lead.resolvedTo === 'click').toBe(lead.clickId !== '');
          if (lead.method === 'probabilistic') expect(lead.probability).toBeGreaterThanOrEqual(0.5);
          if (lead.method === 'none') expect(lead.pNone).toBeGreaterThanOrEqual(0.8);
          expect(lead.revision).toBe((revisions.get(lead.leadId) ?? 0) + 1);
          revisions.set(lead.leadId, lead.revision);
        }
        expect(notNumbersIn(state)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('answers the same under other names: relabelling countries and campaigns permutes the leads and nothing else', async () => {
    const other = (names: readonly string[], name: string) => names[(names.indexOf(name) + 1) % names.length] ?? name;
    const country = (name: string) => (COUNTRIES.includes(name) ? other(COUNTRIES, name) : name);
    const campaign = (name: string) => (CAMPAIGNS.includes(name) ? other(CAMPAIGNS, name) : name);
    const named = (from: Source): Source => ({ ...from, utmCampaign: campaign(from.utmCampaign) });
    const renamed = (touchpoint: Touchpoint): Touchpoint => {
      if (touchpoint.kind === 'message') return { ...touchpoint, country: country(touchpoint.country) };
      if (touchpoint.kind !== 'click') return touchpoint;
      const { click: facts } = touchpoint;
      return { ...touchpoint, click: { ...facts, country: country(facts.country), source: named(facts.source) } };
    };
    // Words name countries; everything else must be the same, digit for digit.
    const plain = (lead: Lead, name: (from: Source) => Source) => ({
      ...lead,
      source: lead.source && name(lead.source),
      candidates: lead.candidates.map((each) => ({ ...each, source: name(each.source) })),
      sourceShares: lead.sourceShares.map((each) => ({ ...each, source: each.source && name(each.source) })),
      evidence: lead.evidence.map(({ words: _, ...bits }) => bits),
    });
    await fc.assert(
      fc.asyncProperty(anyLog, async (touchpoints) => {
        const one = await foldLog(touchpoints, { shelf: new Map() });
        const two = await foldLog(touchpoints.map(renamed), { shelf: new Map() });
        expect(two.outcomes).toEqual(one.outcomes);
        expect(two.leads.map((lead) => plain(lead, (from) => from))).toEqual(one.leads.map((lead) => plain(lead, named)));
      }),
      RUNS,
    );
  });

  it('changes nothing beyond a thousandth when an account that has learned gets one more click from far away', async () => {
    const { touchpoints } = toyTraffic(TOY);
    const sorted = touchpoints.map(({ offset: _, ...touchpoint }) => touchpoint as Unplaced);
    const base = newest((await foldLog(touchpoints, { shelf: new Map() })).leads);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4 * 24, max: 6 * 24 - 1 }), async (hours) => {
        const at = T0 + hours * HOUR;
        const far = click({
          id: 'far',
          at: at - 50 * HOUR,
          observed: at,
          country: 'NG',
          network: 'fixed',
          languages: ['ha'],
          greetingVariant: -1,
          source: source({ placement: 'site', utmCampaign: 'spring' }),
        });
        const place = sorted.findIndex(({ observedAtMs }) => observedAtMs > at);
        const more = newest((await foldLog(log(...sorted.toSpliced(place, 0, far)), { shelf: new Map() })).leads);
        expect(more.length).toBe(base.length);
        more.forEach((lead, index) => {
          const before = base[index]!;
          expect(lead.leadId).toBe(before.leadId);
          expect(Math.abs(lead.pNone - before.pNone)).toBeLessThan(1.2e-3);
          expect(lead.candidates.find(({ clickId }) => clickId === 'far')?.probability ?? 0).toBeLessThan(1e-3);
          expect(Math.abs((lead.candidates[0]?.probability ?? 0) - (before.candidates[0]?.probability ?? 0))).toBeLessThan(1.2e-3);
        });
      }),
      { numRuns: 4 },
    );
  });

  it('takes any numbers and any text without throwing', async () => {
    // The readers of records let nothing through that no Date can hold.
    const hostileTime = fc.oneof(fc.constantFrom(-1, 0, -8.64e15, 8.64e15), fc.integer({ min: -1_000, max: 2 ** 31 - 1 }));
    const hostileText = fc.oneof(fc.constantFrom('', '/', '__proto__', 'constructor', '\u0000', '💥'), fc.string({ maxLength: 8 }));
    const hostile = fc.array(
      fc.oneof(
        fc
          .record({ id: hostileText, code: hostileText, at: hostileTime, observed: hostileTime, isBot: fc.boolean() })
          .map((part): Unplaced => click(part)),
        fc
          .record({
            id: hostileText,
            from: fc.array(hostileText, { maxLength: 3 }),
            at: hostileTime,
            observed: hostileTime,
            codes: fc.array(hostileText, { maxLength: 3 }),
            editsMessageId: hostileText,
            replyToMessageId: hostileText,
            inviteLinkName: hostileText,
            startPayload: hostileText,
          })
          .map((part): Unplaced => message(part)),
        fc
          .tuple(hostileTime, fc.array(hostileText, { maxLength: 2 }), fc.array(hostileText, { maxLength: 2 }))
          .map(([at, a, b]): Unplaced => contactChange(at, a, b)),
        fc.tuple(hostileTime, hostileText, hostileText).map(([at, leadId, clickId]): Unplaced => correction(at, leadId, { clickId })),
        hostileTime.map((at): Unplaced => tick(at)),
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (touchpoints) => {
        const { leads, state } = await foldLog(log(...touchpoints), { batchSizes: [7] });
        for (const lead of leads) expect(notNumbersIn(lead)).toEqual([]);
        expect(notNumbersIn(state)).toEqual([]);
        expect(stateBytes(decodeState(0, stateBytes(state), () => undefined)!).toString('hex')).toBe(stateBytes(state).toString('hex'));
      }),
      RUNS,
    );
  });
});

/** Probabilities in steps of 1e-4; throws on what is none. */
function unitsOf(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, probability) => {
    const units = Math.round(probability * 10_000);
    if (!(units >= 0 && units <= 10_000) || Math.abs(units - probability * 10_000) > 1e-6)
      throw new RangeError(`${probability} is no probability`);
    return sum + units;
  }, 0);
}

/** Within a platform's week of retries: after it, a repetition may tell what the first delivery could not. */
const shortStep = fc.integer({ min: 0, max: 6 * HOUR });

/** People who click and write, each message once: what a correct world delivers. */
const conversations: fc.Arbitrary<readonly Unplaced[]> = fc
  .array(
    fc.record({
      step: shortStep,
      person: fc.constantFrom(...PEOPLE),
      code: fc.constantFrom(...CODES),
      isClick: fc.boolean(),
      withCode: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 25,
    },
  )
  .map((steps) => {
    let at = T0;
    const given = new Set<string>();
    return steps.flatMap(({ step: ms, person: from, code: each, isClick, withCode }, index): Unplaced[] => {
      at += ms;
      if (!isClick) return [message({ id: `m${index}`, from, at, codes: withCode ? [each] : [] })];
      if (given.has(each)) return [];
      given.add(each);
      return [click({ id: `c-${each}`, code: each, at })];
    });
  })
  .filter((touchpoints) => touchpoints.length > 0);

function decisions(leads: Awaited<ReturnType<typeof foldLog>>['leads']) {
  return leads.map(({ leadId, firstMessageId, startedAtMs, method, resolvedTo, clickId, source: from, probability, state, revision }) => ({
    leadId,
    firstMessageId,
    startedAtMs,
    method,
    resolvedTo,
    clickId,
    from,
    probability,
    state,
    revision,
  }));
}
