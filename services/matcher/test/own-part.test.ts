import { describe, expect, it } from 'vitest';
import { emptyMatching } from '../src/domain/account-matching.ts';
import { admit, profileAt } from '../src/domain/click-store.ts';
import { learnIdentified, ownPart } from '../src/domain/learning.ts';
import { DELAY_BINS, logNormalShares } from '../src/domain/model/delay-grid.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, REACHED_S } from '../src/domain/model/platform-statistics.ts';
import { DEVICES } from '../src/domain/model/strata.ts';
import { add } from '../src/domain/model/tally.ts';
import { PLAIN } from './support/asked-account.ts';
import { click, HOUR, T0 } from './support/log-builder.ts';

/** Of all accounts: four thousand leads of each device, half of them within twenty seconds. */
function quickPlatform() {
  const statistics = emptyPlatformStatistics();
  const shares = logNormalShares([[1, 20, 0.8]]);
  DEVICES.forEach((_, device) => {
    for (let bin = 0; bin < DELAY_BINS; bin += 1) statistics.delays[device * DELAY_BINS + bin] = 4_000 * shares[bin]!;
    statistics.reached.fill(20_000, device * (REACHED_S.length + 1), (device + 1) * (REACHED_S.length + 1));
  });
  return derivePlatform(statistics, 1);
}

const PLATFORM = quickPlatform();

describe('leads of an account whose people write later than those of others', () => {
  it('are learned though they look like those of codes that were handed on', () => {
    const account = emptyMatching();
    const platform = { platform: PLATFORM, statistics: emptyPlatformStatistics() };
    admit(account.clicks, click({ id: 'first', code: 'FIRST', at: T0 }).click, T0, true);
    expect(ownPart(account, platform, profileAt(account.clicks, 0), 7_200)).toBeLessThan(0.3);
    for (let number = 1; number <= 40; number += 1) {
      const at = T0 + number * HOUR;
      admit(account.clicks, click({ id: `c${number}`, code: `CODE${number}`, at }).click, at, true);
      learnIdentified(account, platform, number, { ...PLAIN, messageId: `m${number}`, timeMs: at + 7_200_000 });
      add(account.learned.exposure, 'spring', 3);
    }
    const { learned } = account;
    // Of a hundred and twenty clicks one or two are handed on, and not thirty-five of their forty leads.
    const learnedDelays = learned.delays.reduce((sum, each) => sum + each, 0);
    expect(learnedDelays).toBeGreaterThan(25);
    expect(learned.identified).toBe(40);
  });
});
