import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import type { Touchpoint } from '../src/domain/touchpoint.ts';
import { encodedLeads, foldLog, newest, stateBytes } from './support/fold-harness.ts';
import {
  click,
  contactChange,
  correction,
  DAY,
  edit,
  epoch,
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

const RUNS = { numRuns: 300 };

const CODES = ['AAAA', 'BBBB', 'CCCC', 'DDDD', 'EEEE', 'FFFF'];
const PEOPLE = ['ann', 'bob', 'eve', 'dan'];

/** Steps between records: mostly seconds, sometimes hours, rarely weeks, so that every window opens and closes within one log. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 90 * SECOND }) },
  { weight: 3, arbitrary: fc.integer({ min: MINUTE, max: 3 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 40 * DAY }) },
);
const delay = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * DAY }) },
);
const code = fc.constantFrom(...CODES);
const person = fc.oneof(
  fc.constantFrom(...PEOPLE),
  fc.subarray(PEOPLE, { minLength: 1, maxLength: 2 }).filter((keys) => keys.length > 0),
);

type Make = (atMs: number) => Unplaced;

const makeClick: fc.Arbitrary<Make> = fc
  .record({ code, delay, isBot: fc.boolean(), campaign: fc.constantFrom('spring', 'autumn', '') })
  .map(
    ({ code: each, delay: ms, isBot, campaign }) =>
      (at: number) =>
        click({
          id: `click-${each}`,
          code: each,
          at: at - ms,
          observed: at,
          isBot,
          source: source({ placement: 'site', utmCampaign: campaign }),
        }),
  );
const makeMessage: fc.Arbitrary<Make> = fc
  .record({
    id: fc.integer({ min: 0, max: 40 }),
    person,
    delay,
    codes: fc.array(code, { maxLength: 2 }),
    payload: fc.array(code, { maxLength: 1 }),
    referral: fc.constantFrom(undefined, undefined, undefined, { ctwaClid: 'A1', sourceId: '7' }, { ctwaClid: '', sourceId: '' }),
    class: fc.constantFrom('words' as const, 'words' as const, 'words' as const, 'reaction' as const, 'welcome' as const, 'join' as const),
    inviteLinkName: fc.constantFrom('', '', 'site', 'poster'),
    replyToMessageId: fc.constantFrom('', '', '', 'sent-1'),
    forwarded: fc.constantFrom(false, false, false, true),
  })
  .map(
    ({ id, person: from, delay: ms, ...rest }) =>
      (at: number) =>
        message({ id: `m${id}`, from, at: at - ms, observed: at, ...rest }),
  );
const makeEdit: fc.Arbitrary<Make> = fc
  .record({ id: fc.integer({ min: 0, max: 40 }), person, codes: fc.array(code, { maxLength: 2 }) })
  .map(
    ({ id, person: from, codes }) =>
      (at: number) =>
        edit({ id: `m${id}`, of: `m${id}`, from, at, codes }),
  );
const makeOther: fc.Arbitrary<Make> = fc.oneof(
  fc.constant(tick),
  fc.record({ a: person, b: person }).map(
    ({ a, b }) =>
      (at: number) =>
        contactChange(at, [a].flat(), [b].flat()),
  ),
  fc
    .record({
      returningWindowMs: fc.constantFrom(HOUR, DAY, 90 * DAY),
      clickWindowMs: fc.constantFrom(HOUR, 30 * DAY),
      isDedicated: fc.boolean(),
    })
    .map(
      ({ isDedicated, ...windows }) =>
        (at: number) =>
          epoch(at, { ...windows, dedicatedSource: isDedicated ? source({ placement: 'sign' }) : undefined }),
    ),
  fc.constantFrom('', 'click-AAAA').map((clickId) => (at: number) => correction(at, 'unknown', { clickId })),
);

const anyLog: fc.Arbitrary<readonly Touchpoint[]> = fc
  .array(
    fc.tuple(
      step,
      fc.oneof(
        { weight: 4, arbitrary: makeClick },
        { weight: 6, arbitrary: makeMessage },
        { weight: 2, arbitrary: makeEdit },
        { weight: 2, arbitrary: makeOther },
      ),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let at = T0;
    return log(
      ...steps.map(([ms, make]) => {
        at += ms;
        return make(at);
      }),
    );
  });

describe('the fold', () => {
  it('gives the same leads and the same state wherever its batches are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
        async (touchpoints, batchSizes) => {
          const whole = await foldLog(touchpoints);
          const cut = await foldLog(touchpoints, { batchSizes });
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
          const head = await foldLog(touchpoints.slice(0, cut), { batchSizes: [size] });
          const snapshot = stateBytes(head.state);
          // The live matcher goes on and fills the store; then another owner starts from the snapshot and folds the same tail again.
          const live = await foldLog(touchpoints.slice(cut), { state: head.state, joins: head.joins });
          const replayed = await foldLog(touchpoints.slice(cut), {
            state: decodeState(0, snapshot, () => undefined)!,
            joins: head.joins,
            batchSizes: [size],
          });
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

  it('emits probabilities that sum to 1, revisions without gaps and never a NaN', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (touchpoints) => {
        const revisions = new Map<string, number>();
        for (const lead of (await foldLog(touchpoints)).leads) {
          const sum = lead.pNone + lead.pOther + lead.candidates.reduce((total, each) => total + each.probability, 0);
          expect(sum).toBeCloseTo(1, 9);
          expect(lead.sourceShares.reduce((total, each) => total + each.share, 0)).toBeCloseTo(1, 9);
          for (const value of [lead.probability, lead.pNone, lead.pOther, ...lead.candidates.map((each) => each.probability)]) {
            expect(value >= 0 && value <= 1).toBe(true);
            expect(Math.round(value * 10_000)).toBeCloseTo(value * 10_000, 6);
          }
          expect(lead.resolvedTo === 'click').toBe(lead.clickId !== '');
          expect(lead.revision).toBe((revisions.get(lead.leadId) ?? 0) + 1);
          revisions.set(lead.leadId, lead.revision);
        }
      }),
      RUNS,
    );
  });

  it('takes any numbers and any text without throwing', async () => {
    const hostileTime = fc.oneof(fc.constantFrom(-1, 0, -(2 ** 53 - 1), 2 ** 53 - 1), fc.integer({ min: -1_000, max: 2 ** 31 - 1 }));
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
        for (const lead of leads) expect(JSON.stringify(lead)).not.toContain('null,');
        expect(stateBytes(decodeState(0, stateBytes(state), () => undefined)!).toString('hex')).toBe(stateBytes(state).toString('hex'));
      }),
      RUNS,
    );
  });
});

/** Within a platform's week of retries: after it, a repetition may tell what the first delivery could not. */
const shortStep = fc.integer({ min: 0, max: 6 * HOUR });

/** People who click and write, each message once: what a correct world delivers. */
const conversations: fc.Arbitrary<readonly Unplaced[]> = fc
  .array(fc.record({ step: shortStep, person: fc.constantFrom(...PEOPLE), code, isClick: fc.boolean(), withCode: fc.boolean() }), {
    minLength: 1,
    maxLength: 25,
  })
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
