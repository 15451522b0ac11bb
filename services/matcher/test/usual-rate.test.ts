import { describe, expect, it } from 'vitest';
import type { Concluded } from '../src/domain/concluded.ts';
import { expectation } from '../src/domain/expectation.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { PRIORS } from './support/asked-account.ts';
import { concludedAt } from './support/concluded-answers.ts';
import { DAY, HOUR, T0 } from './support/log-builder.ts';

const DAYS = 20;

/** As much time as an account is watched in the tests, with so many messages of no click. */
function accountWithRate(messages: number) {
  const basis = emptyAccountStatistics();
  basis.fadedAtMs = T0 + DAYS * DAY;
  basis.observedS = (DAYS * DAY) / 1_000;
  basis.organic = messages;
  basis.organicHours.fill(messages / 24);
  basis.identified = 10 * messages;
  basis.identifiedHours.fill((10 * messages) / 24);
  return deriveAccount(PRIORS.platform, basis);
}

/** Counted as of their own day, so that nothing has faded by much. */
function counted(messages: number, answers: readonly Concluded[]): number {
  const { organic, unidentified } = expectation(answers, accountWithRate(messages), T0 + DAYS * DAY);
  return organic / unidentified;
}

describe('the usual rate of messages of no click', () => {
  const usual = Array.from({ length: 200 }, (_, at) => concludedAt(T0 + (at * DAYS * DAY) / 200));
  const newsletter = (day: number, burst: number) =>
    Array.from({ length: 30 }, (_, at) => concludedAt(T0 + day * DAY + at * 50_000, { burst }));

  it('is not raised by newsletters: of their messages those count that would have come anyway', () => {
    const answers = [...usual, ...newsletter(5, 40), ...newsletter(15, 40)].toSorted((a, b) => a.timeMs - b.timeMs);
    expect(counted(200, answers) * 260).toBeGreaterThan(195);
    expect(counted(200, answers) * 260).toBeLessThan(206);
  });

  it('counts messages whole where there are less than twice as many: chance makes such hours', () => {
    const answers = usual.map((each, at) => (at % 3 === 0 ? { ...each, burst: 1.9 } : each));
    expect(counted(200, answers)).toBe(1);
  });

  it('is not held down when all hours look like bursts because it was far too low', () => {
    const answers = usual.map((each) => ({ ...each, burst: 4 }));
    expect(counted(50, answers)).toBe(1);
    // Half a day of real bursts in twenty is believed.
    const rare = usual.map((each, at) => (at < 20 ? { ...each, timeMs: T0 + (at * 12 * HOUR) / 20, burst: 4 } : each));
    expect(counted(200, rare)).toBeLessThan(0.97);
  });
});
