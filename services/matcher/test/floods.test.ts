import { describe, expect, it } from 'vitest';
import { leadIdOf } from '../src/adapters/lead-id.ts';
import { packing } from '../src/adapters/packing.ts';
import { createBatchMemory } from '../src/domain/batch-memory.ts';
import { FINE_CLICKS, HOT_CLICKS, liveClicks } from '../src/domain/click-store.ts';
import { type FoldOutcome, fold } from '../src/domain/fold.ts';
import { isCertain, type Lead } from '../src/domain/lead.ts';
import { needs } from '../src/domain/needs.ts';
import { noEffects } from '../src/domain/scope.ts';
import { type AccountState, emptyState, type PartitionState, partitionStatistics } from '../src/domain/state.ts';
import type { Touchpoint } from '../src/domain/touchpoint.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import { click, HOUR, log, MINUTE, message, SECOND, source, T0, type Unplaced } from './support/log-builder.ts';
import { notNumbersIn } from './support/numbers.ts';

const LONG = 180_000;

function of(leads: readonly Lead[], contact: string): Lead {
  return newest(leads).find((lead) => lead.contact === contact)!;
}

describe('floods', () => {
  /** Folds records as they are made, a million of them being too many for a list. */
  function flood(
    count: number,
    make: (index: number) => Unplaced,
    after: (state: PartitionState, outcome: FoldOutcome, leads: readonly Lead[]) => void,
  ) {
    const state = emptyState(0, packing);
    const tools = { leadId: leadIdOf, model: () => undefined };
    let memory = createBatchMemory();
    let effects = noEffects();
    for (let offset = 0; offset < count; offset += 1) {
      const touchpoint = { ...make(offset), offset } as Touchpoint;
      if (offset % 500 === 0) {
        memory = createBatchMemory();
        effects = noEffects();
      }
      for (let missing = needs(state, touchpoint, memory); missing.length > 0; missing = needs(state, touchpoint, memory)) {
        for (const key of missing) memory.learn(key, null);
      }
      const known = effects.leads.length;
      const outcome = fold(state, touchpoint, memory, tools, effects);
      after(state, outcome, effects.leads.slice(known));
    }
    return state;
  }

  const accountIn = (state: PartitionState): AccountState => state.accounts.get('acme/wa')!;

  it(
    'of a million clicks without a message take bounded memory, and what left is mass by half-hour and campaign',
    () => {
      const state = flood(
        1_000_000,
        (index) =>
          click({
            id: `c${index}`,
            code: `K${index}`,
            at: T0 + index * 100,
            source: source({ utmCampaign: `k${index % 7}` }),
            visitorId: `v${index % 5_000}`,
          }),
        () => undefined,
      );
      const { clicks, surges, questions, recent } = accountIn(state).matching;
      expect(liveClicks(clicks)).toBe(HOT_CLICKS);
      expect(clicks.columns.size).toBe(HOT_CLICKS + 1);
      expect(clicks.byId.size).toBe(HOT_CLICKS);
      expect(clicks.byCode.size).toBe(HOT_CLICKS);
      expect(clicks.cells.size).toBeLessThanOrEqual(7 * 145);
      expect(surges.tracked.size).toBeLessThanOrEqual(433);
      expect(questions.size + recent.byLead.size).toBe(0);
      expect(notNumbersIn(partitionStatistics(state))).toEqual([]);
      // A message after it looks at what is kept and no more.
      const asked = createBatchMemory();
      const late = { ...message({ id: 'm', from: 'ann', at: T0 + 100_000_000 }), offset: 1_000_000 } as Touchpoint;
      for (let missing = needs(state, late, asked); missing.length > 0; missing = needs(state, late, asked))
        for (const key of missing) asked.learn(key, null);
      const effects = noEffects();
      expect(fold(state, late, asked, { leadId: leadIdOf, model: () => undefined }, effects)).toBe('started');
      expect(effects.leads[0]!.candidatesScanned).toBeLessThanOrEqual(1_000_000);
      expect(notNumbersIn(effects.leads[0])).toEqual([]);
    },
    LONG,
  );

  it(
    'of a hundred thousand messages without a click are answered with no click, at no more work for the last than for the first',
    () => {
      let looks = 0;
      let wrong = 0;
      let open = 0;
      const state = flood(
        100_000,
        (index) => message({ id: `m${index}`, from: `p${index}`, at: T0 + index * 100, country: index % 3 === 0 ? 'US' : '' }),
        (now, outcome, leads) => {
          if (outcome !== 'started') wrong += 1;
          for (const lead of leads) if (lead.method !== 'none' || lead.pNone !== 1) wrong += 1;
          open = Math.max(open, accountIn(now).open.size);
          looks += watchLooks(accountIn(now));
        },
      );
      const { matching } = accountIn(state);
      expect(wrong).toBe(0);
      // An hour of open leads, three hours of what is searched for bursts, at ten a second.
      expect(open).toBeLessThanOrEqual(36_001);
      expect(matching.recent.byLead.size).toBeLessThanOrEqual(3 * 36_000 + 1);
      expect(matching.recent.minutes.size).toBeLessThanOrEqual(181);
      // Twenty-one minutes are looked at when a message comes and again when its lead is final, whatever there is in them.
      expect(looks / 100_000).toBeLessThan(60);
      expect(notNumbersIn(partitionStatistics(state))).toEqual([]);
    },
    LONG,
  );

  /** Entries of the list of recent messages that were looked at since the last call. */
  function watchLooks({ matching }: AccountState): number {
    const { minutes } = matching.recent as { minutes: Map<number, number> & { looks?: number } };
    if (minutes.looks === undefined) {
      minutes.looks = 0;
      const get = minutes.get.bind(minutes);
      minutes.get = (minute) => {
        minutes.looks! += 1;
        return get(minute);
      };
    }
    const { looks } = minutes;
    minutes.looks = 0;
    return looks;
  }

  it('of clicks do not hide the message of somebody else’s click', async () => {
    const touchpoints = [
      ...Array.from({ length: 3_000 }, (_, index) =>
        click({ id: `f${index}`, at: T0 + index * 200, source: source({ utmCampaign: 'flood' }), network: 'hosting', country: 'NL' }),
      ),
      click({ id: 'c1', at: T0 + 10 * MINUTE, country: 'US', source: source({ utmCampaign: 'spring' }), greetingVariant: 3 }),
      message({ id: 'm1', from: 'ann', at: T0 + 10 * MINUTE + 15 * SECOND, country: 'US', wording: 'greeting', greetingVariant: 3 }),
    ];
    const { leads } = await foldLog(log(...touchpoints));
    expect(isCertain(of(leads, 'ann').method)).toBe(false);
    expect(of(leads, 'ann').candidates[0]?.clickId).toBe('c1');
  });

  it('leave fewer than four thousand clicks once two hours are over', async () => {
    const { state } = await foldLog(
      log(
        ...Array.from({ length: 6_000 }, (_, index) => click({ id: `c${index}`, at: T0 + index * SECOND })),
        click({ id: 'next', at: T0 + 5 * HOUR }),
      ),
    );
    expect(liveClicks(accountIn(state).matching.clicks)).toBe(FINE_CLICKS);
  });
});
