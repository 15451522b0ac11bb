import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { conclude } from '../src/domain/conclude.ts';
import { expectation } from '../src/domain/expectation.ts';
import type { Marks } from '../src/domain/marks.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { DELAY_GROUP, DELAY_GROUPS, delayEdge } from '../src/domain/model/delay-grid.ts';
import { kindOf } from '../src/domain/model/strata.ts';
import { posterior } from '../src/domain/posterior.ts';
import { accountWith, asking, type Given, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { foldLog } from './support/fold-harness.ts';
import { HOUR, MINUTE, SECOND, T0 } from './support/log-builder.ts';
import { toyTraffic } from './support/toy-traffic.ts';

const { platform } = PRIORS;
const GREETINGS = 4;
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe('the first hour of a busy account', () => {
  it('does not look like one in which nobody loses the code, because those who did are counted an hour later', async () => {
    const { touchpoints } = toyTraffic({
      seed: 3,
      days: 0.03,
      clicksPerHour: 4_000,
      writes: 0.3,
      loses: { ios: 0.05 },
      medianDelayS: 20,
      spread: 0.5,
      editS: 10,
      organicPerHour: 60,
      modelEveryHours: 24,
    });
    const { state } = await foldLog(touchpoints.filter(({ kind }) => kind !== 'model'));
    const { matching } = state.accounts.get('acme/wa')!;
    expect(matching.learned.identified).toBeGreaterThan(500);
    const usual = deriveAccount(platform, emptyAccountStatistics()).lossOdds()[0]!;
    // Each lead that kept its code lowered it: it stood at a third.
    expect(currentModel(matching, state).lossOdds()[0]! / usual).toBeGreaterThan(0.97);
  });
});

/**
 * Twenty clicks a minute for an hour until ten minutes ago, half of them from telephones, every greeting as often as the others, in an account that hardly gets a
 * message of no click.
 */
const CROWD: readonly Given[] = Array.from({ length: 1_200 }, (_, index) => ({
  at: T0 - 70 * MINUTE + index * 3 * SECOND,
  greetingVariant: index % GREETINGS,
  device: index % 2 === 0 ? 'ios' : 'desktop',
  network: 'mobile',
}));

function explained(
  marks: Partial<Marks>,
  gone: readonly { readonly agoMs: number; readonly mass: number; readonly clicks: number }[] = [],
) {
  const account = accountWith(CROWD);
  Object.assign(account.basis, { observedS: 10 * 86_400, identified: 50_000, organic: 144 });
  for (const { agoMs, mass, clicks } of gone) {
    const cell = { campaign: 'spring', fromMs: T0 - agoMs, mass, clicks };
    account.clicks.cells.set(`${cell.fromMs}/${cell.campaign}`, cell);
  }
  const model = currentModel(account, PRIORS);
  const asked = { ...asking({ ...PLAIN, ...marks }), isLast: true };
  const answer = posterior(evidenceOf(account, model, WINDOW_MS), asked);
  const concluded = conclude(account, model, asked.marks, answer);
  return { answer, concluded, expected: expectation([concluded], model, T0) };
}

const GREETING = { wording: 'greeting', greetingVariant: 1 } as const;
const WORDS = { wording: 'other' } as const;

describe('a message among hundreds of clicks', () => {
  it('is expected to be what its answer says, though few of the clicks are listed', () => {
    for (const marks of [GREETING, WORDS]) {
      const { answer, expected } = explained(marks);
      expect(answer.pOther).toBeGreaterThan(0.05);
      expect(expected.organic).toBeCloseTo(answer.pNone, 2);
      expect(sum(expected.losers) + expected.losersElsewhere).toBeCloseTo(1 - answer.pNone, 2);
    }
  });

  it('says of all clicks that showed its greeting that the greeting was kept, and not of the listed ones alone', () => {
    const { answer, expected } = explained(GREETING);
    expect(expected.keptGreeting).toBeCloseTo(1 - answer.pNone, 2);
    expect(expected.otherWords).toBeLessThan(1e-3);
    const words = explained(WORDS);
    expect(words.expected.otherWords).toBeCloseTo(1 - words.answer.pNone, 2);
    expect(words.expected.keptGreeting).toBe(0);
  });

  it('says of each kind of click what all of its clicks weigh: slow ones are rarely listed', () => {
    const { answer, expected } = explained(WORDS);
    for (const device of [0, 2]) {
      const kind = kindOf(device, 1);
      expect(answer.byKind[kind]! / answer.total).toBeGreaterThan(0.05);
      expect(expected.losers[kind]!).toBeCloseTo(answer.byKind[kind]! / answer.total, 2);
    }
    expect(expected.losersElsewhere).toBeLessThan(0.01);
  });

  it('says nothing of how long deleting takes, where clicks came at all times', () => {
    const { concluded } = explained({});
    const groups = Array.from({ length: DELAY_GROUPS }, (_, group) => group);
    const rest = groups.flatMap((group) => [
      // As many clicks as there are seconds.
      1e3 * (delayEdge((group + 1) * DELAY_GROUP) - delayEdge(group * DELAY_GROUP)),
      group * DELAY_GROUP + DELAY_GROUP / 2,
    ]);
    const model = deriveAccount(platform, emptyAccountStatistics());
    const { edits } = expectation([{ ...concluded, options: [], rest }], model, T0);
    const all = sum(edits);
    expect(all).toBeGreaterThan(0.9);
    platform.edits.forEach((share, k) => {
      expect(edits[k]! / all).toBeCloseTo(share, 3);
    });
  });
});

describe('clicks that have left the store', () => {
  const GONE = [{ agoMs: 4 * HOUR, mass: 4_000, clicks: 80_000 }];

  it('make a message likelier to be of a click, and what they bring is not taken for a message of no click', () => {
    const { answer, expected } = explained(WORDS, GONE);
    expect(answer.pNone).toBeLessThan(explained(WORDS).answer.pNone - 0.1);
    expect(expected.organic).toBeCloseTo(answer.pNone, 2);
    expect(expected.losersElsewhere).toBeGreaterThan(0.1);
    expect(sum(expected.losers) + expected.losersElsewhere).toBeCloseTo(1 - answer.pNone, 2);
    expect(expected.otherWords).toBeCloseTo(1 - answer.pNone, 2);
  });

  it('had shown greetings too: who sends one is likelier to come from them than who writes own words', () => {
    const rest = (marks: Partial<Marks>) => explained(marks, GONE).answer.total - explained(marks).answer.total;
    const { keptGreeting, organicGreeting } = platform;
    const ratio = (keptGreeting / organicGreeting) * ((1 - organicGreeting) / (1 - keptGreeting));
    expect(rest(GREETING) / rest(WORDS)).toBeCloseTo(ratio, 6);
  });
});
