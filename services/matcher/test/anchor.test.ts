import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import { decodeStatistics, encodeStatistics } from '../src/adapters/statistics-codec.ts';
import { emptyMatching } from '../src/domain/account-matching.ts';
import { holdTest, reachOf } from '../src/domain/anchor.ts';
import { asked } from '../src/domain/asking.ts';
import { slotOf } from '../src/domain/click-store.ts';
import { expectation } from '../src/domain/expectation.ts';
import { placeOf } from '../src/domain/learned-parts.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import {
  ANCHOR_COUNTS,
  type AnchorStatistics,
  type AnchorSums,
  addHeld,
  anchoredShare,
  mixingTilt,
  noAnchor,
} from '../src/domain/model/mixing-share.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, fadePlatform, mergePlatform, RATE_HALF_LIFE_MS } from '../src/domain/model/platform-statistics.ts';
import { newQuestion } from '../src/domain/open-question.ts';
import type { PartitionState } from '../src/domain/state.ts';
import { accountWith, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { concludedAt } from './support/concluded-answers.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { HOUR, MINUTE, source, T0 } from './support/log-builder.ts';
import { SINCE_ANCHOR } from './support/model-bytes.ts';
import { type ToyTruth, toyTraffic } from './support/toy-traffic.ts';

const TRUTH: ToyTruth = {
  seed: 3,
  days: 12,
  clicksPerHour: 40,
  writes: 0.4,
  loses: { ios: 0.2 },
  medianDelayS: 30,
  spread: 1.1,
  editS: 0,
  organicPerHour: 3,
  modelEveryHours: 6,
};

/** As many of the messages in words of their own come from a click as this says; `held` of them have been held, and a fifth as many tests. */
function sumsOf(share: number, said: number, held = 4_000): AnchorSums {
  const whole = 0.3;
  const tests = held / 5;
  return {
    held,
    excess: held * share * whole,
    // Each in a stretch of its own.
    squares: held * ((share * whole) ** 2 + 0.04),
    products: held * share * whole,
    crowds: held,
    tests,
    testExcess: tests * whole,
    testSquares: tests * (whole ** 2 + 0.04),
    explained: held,
    clicked: held * said,
  };
}

function told(share: number, said: number, held?: number): AnchorStatistics {
  return { ...noAnchor(), far: sumsOf(share, said, held) };
}

/** What an account with decoys of an hour before has told. */
function farOf(state: PartitionState): AnchorSums {
  return state.statistics.anchor.far;
}

/** A click, and a test of the message that brought its code so much later; `isBusy`: an account that has let go of clicks. */
function testedAfter(delayMs: number, isBusy = false): AnchorStatistics {
  const matching = accountWith([...(isBusy ? [{ at: T0 - HOUR, source: source({ placement: 'sign' }) }] : []), { at: T0 }]);
  matching.learned.observedS = 2 * 86_400;
  if (isBusy) matching.clicks.cells.set('gone', { campaign: 'spring', fromMs: T0 - 4 * HOUR, mass: 1e-6, clicks: 1 });
  const state = { ...PRIORS, statistics: emptyPlatformStatistics(), clockMs: T0 + delayMs + HOUR };
  const scope = { account: { matching, settings: { clickWindowMs: WINDOW_MS } }, state } as unknown as Parameters<typeof holdTest>[0];
  const marks = { ...PLAIN, timeMs: T0 + delayMs, wording: 'greeting', greetingVariant: 1 } as const;
  const question = newQuestion('l', 'p', marks, matching.clicks.next - 1);
  holdTest(scope, question, asked(scope, question, { isLast: true }));
  return state.statistics.anchor;
}

describe('the anchor', () => {
  const traffic = toyTraffic(TRUTH);
  const folded = foldLog(traffic.touchpoints);

  it('tells by comparison alone how many of the messages in words of their own come from clicks', async () => {
    const { state } = await folded;
    const { share, error } = anchoredShare(farOf(state), 0.2)!;
    // Seven losers in ten do not keep the greeting.
    const losers = 0.7 * traffic.losers['ios']!;
    const truth = losers / (losers + traffic.organic);
    expect(error).toBeLessThan(0.1);
    // Over ten histories it is .08 too much on average and within three of its own errors in each.
    expect(Math.abs(share - truth)).toBeLessThan(3 * error);
  });

  it('asks tests as if they had lost their greeting too, and counts a code that comes hours later as half somebody else’s', async () => {
    const { state, tested } = await folded;
    expect(farOf(state).tests).toBeGreaterThan(0.5 * tested.length);
    expect(testedAfter(20_000).far.tests).toBeGreaterThan(0.99);
    // The click is no decoy of its own message yet.
    expect(testedAfter(20_000).far.testExcess).toBeGreaterThan(0.2);
    expect(testedAfter(12 * HOUR).far.tests).toBeLessThan(0.8);
  });

  it('counts of a busy account the clicks of the last four minutes alone', () => {
    const soon = testedAfter(20_000, true);
    expect(soon.far).toEqual(noAnchor().far);
    expect(soon.near.testExcess).toBeGreaterThan(0.2);
    // Too long ago to be counted, and of the decoys none is nearer.
    expect(testedAfter(20 * MINUTE, true).near).toMatchObject({ testExcess: 0, testSquares: 0 });
    // Among the decoys of ten minutes before, and not among the message's own.
    expect(testedAfter(11 * MINUTE, true).near.testExcess).toBeLessThan(-0.1);
  });

  it('is part of the state and of what a model carries; a model from before decoys taught has none', async () => {
    const { state } = await folded;
    const restored = decodeState(0, stateBytes(state), () => undefined)!;
    expect(restored.statistics.anchor).toEqual(state.statistics.anchor);
    const bytes = encodeStatistics(state.statistics);
    expect(decodeStatistics(bytes).anchor).toEqual(state.statistics.anchor);
    expect(decodeStatistics(bytes.subarray(0, bytes.length - SINCE_ANCHOR)).anchor).toEqual(noAnchor());
  });

  it('fades as rates do and adds up over partitions', () => {
    const one = { ...emptyPlatformStatistics(), fadedAtMs: T0, anchor: told(0.2, 0.3) };
    fadePlatform(one, T0 + RATE_HALF_LIFE_MS);
    mergePlatform(one, { ...emptyPlatformStatistics(), anchor: told(0.2, 0.3, 1_000) });
    for (const name of ANCHOR_COUNTS) expect(one.anchor.far[name]).toBeCloseTo(sumsOf(0.2, 0.3, 3_000)[name], 6);
  });
});

describe('messages that are held against decoys', () => {
  const words = { ...PLAIN, wording: 'other' } as const;

  it('are in words of their own, of accounts that have clicks: against an hour before, or some minutes where clicks leave early', async () => {
    const { state } = await foldLog(toyTraffic({ ...TRUTH, days: 3 }).touchpoints);
    const { matching } = [...state.accounts.values()][0]!;
    const late = { ...words, timeMs: state.clockMs };
    expect(reachOf(matching, late)).toBe('far');
    expect(reachOf(matching, { ...late, wording: 'unknown' })).toBe('far');
    expect(reachOf(matching, { ...late, wording: 'greeting' })).toBeUndefined();
    // A busy account: clicks of the hours before have left the store.
    matching.clicks.cells.set('gone', { campaign: 'spring', fromMs: T0, mass: 1, clicks: 1 });
    expect(reachOf(matching, late)).toBe('near');
    const first = matching.clicks.columns.clickedAtMs[slotOf(matching.clicks, matching.clicks.first)]!;
    expect(reachOf(matching, { ...late, timeMs: first + 13 * MINUTE })).toBeUndefined();
    expect(reachOf(matching, { ...late, timeMs: first + 14 * MINUTE })).toBe('near');
    expect(reachOf(emptyMatching(), late)).toBeUndefined();
  });

  it('are none of a young account, whose first messages have no clicks before them to be held against', async () => {
    const { state } = await foldLog(toyTraffic({ ...TRUTH, days: 0.8 }).touchpoints);
    expect(state.statistics.anchor).toEqual(noAnchor());
  });
});

describe('what the anchor makes of the odds', () => {
  it('is nothing while little is known, and nothing within its own error', () => {
    expect(mixingTilt(noAnchor())).toBe(1);
    expect(mixingTilt(told(0.2, 0.4, 90))).toBe(1);
    expect(mixingTilt(told(0.248, 0.25))).toBe(1);
    expect(mixingTilt({ ...noAnchor(), far: { ...sumsOf(0.2, 0.4), clicked: 0 } })).toBe(1);
    // What a message from a click is worth may be nothing: any share would come out.
    const { tests } = sumsOf(0.2, 0.4);
    expect(mixingTilt({ ...noAnchor(), far: { ...sumsOf(0.2, 0.4), testExcess: tests * 0.02, testSquares: tests * 0.1 } })).toBe(1);
  });

  it('is less of messages that were written at the same time: they have the same clicks before them', () => {
    const draw = (stretchOf: (at: number) => number) => {
      const sums = { ...sumsOf(0.2, 0.4), held: 0, excess: 0, squares: 0, products: 0, crowds: 0 };
      const stretch = { number: 0, held: 0, excess: 0 };
      // Groups of fifty have the same excess; .06 on average.
      for (let at = 0; at < 2_000; at += 1)
        addHeld(sums, stretch, stretchOf(at) * HOUR, 0.06 + (Math.floor(at / 50) % 2 === 0 ? 0.15 : -0.15));
      return sums;
    };
    const [apart, together] = [draw((at) => at), draw((at) => Math.floor(at / 50))];
    expect(together.excess).toBeCloseTo(apart.excess, 6);
    // The standard error of a mean, and that of forty.
    const errorOf = ({ held, excess, squares, products, crowds }: AnchorSums) =>
      Math.sqrt(squares - (2 * excess * products) / held + (excess / held) ** 2 * crowds) / held;
    expect(errorOf(apart)).toBeCloseTo(0.15 / Math.sqrt(2_000), 6);
    expect(errorOf(together)).toBeCloseTo(0.15 / Math.sqrt(40), 6);
    expect(mixingTilt({ ...noAnchor(), far: together })).toBeGreaterThan(mixingTilt({ ...noAnchor(), far: apart }));
  });

  it('brings the share to where the anchor has it, less what may be chance', () => {
    const share = (tilt: number, said: number) => (tilt * said) / (1 - said + tilt * said);
    for (const [anchored, said] of [
      [0.2, 0.35],
      [0.4, 0.2],
    ] as const) {
      const { error } = anchoredShare(sumsOf(anchored, said), said)!;
      const brought = share(mixingTilt(told(anchored, said)), said);
      expect(Math.abs(brought - anchored)).toBeLessThan(error);
      expect(Math.abs(brought - said)).toBeGreaterThan(0.5 * Math.abs(anchored - said));
    }
    expect(mixingTilt(told(0.9, 0.01))).toBe(4);
    // Both decoys have their say, each by its certainty.
    const both = mixingTilt({ far: sumsOf(0.2, 0.35), near: sumsOf(0.5, 0.35, 1_000) });
    expect(both).toBeGreaterThan(mixingTilt(told(0.2, 0.35)));
    expect(both).toBeLessThan(1);
    expect(mixingTilt(told(0.05, 0.9))).toBe(0.25);
  });

  it('is learned from and not answered with: odds of messages without greeting are raised in the expectation step, those with one are not', () => {
    const statistics = emptyPlatformStatistics();
    const plain = derivePlatform(statistics, 0);
    const tilted = derivePlatform({ ...statistics, anchor: told(0.4, 0.2) }, 0);
    expect(plain.tilt).toBe(1);
    expect(tilted.tilt).toBeGreaterThan(2);
    expect({ ...tilted, tilt: 1, statistics: 0, hint: 0, hintShare: 0, places: 0 }).toEqual({
      ...plain,
      statistics: 0,
      hint: 0,
      hintShare: 0,
      places: 0,
    });
    const concluded = (wording: 'other' | 'greeting') => {
      const place = placeOf({ kind: 0, bin: 20, greeting: wording === 'other' ? 'words' : 'same', way: 'lost' });
      return concludedAt(T0, { wording, variants: 8, held: 'far', options: [0.02, place] });
    };
    const odds = (platform: typeof plain, wording: 'other' | 'greeting') => {
      const expected = expectation([concluded(wording)], deriveAccount(platform, emptyAccountStatistics()), T0);
      // What the anchor is held against is what the model says without it.
      expect(expected.held.far.clicked / (expected.held.far.explained - expected.held.far.clicked)).toBeCloseTo(oddsOf(plain, wording), 9);
      return (1 - expected.organic) / expected.organic;
    };
    function oddsOf(platform: typeof plain, wording: 'other' | 'greeting'): number {
      const { organic } = expectation([concluded(wording)], deriveAccount(platform, emptyAccountStatistics()), T0);
      return (1 - organic) / organic;
    }
    expect(odds(tilted, 'other') / odds(plain, 'other')).toBeCloseTo(tilted.tilt, 9);
    expect(odds(tilted, 'greeting')).toBeCloseTo(odds(plain, 'greeting'), 9);
  });
});
