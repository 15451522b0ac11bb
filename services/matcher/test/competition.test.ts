import { describe, expect, it } from 'vitest';
import type { Lead } from '../src/domain/lead.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import {
  click,
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

/** One record per batch: nothing is in memory that the record did not ask for. */
async function foldSingly(...touchpoints: readonly Unplaced[]) {
  return foldLog(log(...touchpoints), { batchSizes: [1] });
}

function of(leads: readonly Lead[], contact: string): Lead {
  return newest(leads).find((lead) => lead.contact === contact)!;
}

const write = (from: string, at: number, codes: readonly string[] = []) => message({ id: `m-${from}`, from, at, codes, language: '' });
const brings = (from: string, at: number, codes: readonly string[]) => edit({ id: `m-${from}`, of: `m-${from}`, from, at, codes });
const C1 = click({ id: 'c1', code: 'QWXYZT', at: T0 });

describe('a code that comes after its click was given away by probability', () => {
  it('takes the click from an open lead, which is asked again', async () => {
    const { leads } = await foldSingly(C1, write('ann', T0 + MINUTE), write('bob', T0 + 2 * MINUTE, ['QWXYZT']));
    const bob = of(leads, 'bob');
    const anns = leads.filter(({ contact }) => contact === 'ann');
    expect(anns.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(anns[0]).toMatchObject({ method: 'probabilistic', clickId: 'c1' });
    expect(bob.clickId).toBe('c1');
    const held = anns[1]!.candidates.find(({ clickId }) => clickId === 'c1')?.probability ?? 0;
    expect(held).toBeLessThan(anns[0]!.probability);
    // Either ann keeps the click and bob's code was forwarded, or bob has it and ann does not.
    expect(bob.method === 'forward').toBe(anns[1]!.clickId === 'c1');
  });

  it.each([
    ['exact', 'QWXYZT', true],
    ['damaged', 'QWXYZA', false],
  ] as const)('takes the click from a final lead, by an %s code', async (_, code, intact) => {
    const { leads } = await foldSingly(C1, write('ann', T0 + MINUTE), tick(T0 + 2 * HOUR), {
      ...write('bob', T0 + 2 * HOUR + MINUTE),
      codes: [{ code, carrier: 'visible', intact }],
    });
    const anns = leads.filter(({ contact }) => contact === 'ann');
    expect(anns.map(({ state }) => state)).toEqual(['provisional', 'final', 'corrected']);
    const held = anns[2]!.candidates.find(({ clickId }) => clickId === 'c1')?.probability ?? 0;
    expect(held).toBeLessThan(anns[1]!.probability);
    expect(of(leads, 'bob').clickId).toBe('c1');
    expectSums(leads);
  });

  it('gives a final lead’s next click only as far as no other lead has it', async () => {
    const c1 = click({ id: 'c1', code: 'QWXYZT', at: T0, greetingVariant: 0 });
    const c2 = click({ id: 'c2', at: T0 - 20 * SECOND, greetingVariant: 0 });
    const { leads } = await foldSingly(
      c2,
      c1,
      write('ann', T0 + MINUTE),
      write('bob', T0 + MINUTE + SECOND),
      write('eve', T0 + MINUTE + 2 * SECOND),
      tick(T0 + 2 * HOUR),
      write('dan', T0 + 3 * HOUR, ['QWXYZT']),
    );
    for (const clickId of ['c1', 'c2']) {
      const owners = newest(leads).filter(
        ({ method, candidates }) =>
          method === 'probabilistic' && candidates.some((each) => each.clickId === clickId && each.probability > 0.5),
      );
      expect(owners.length).toBeLessThanOrEqual(1);
    }
    expectSums(leads);
  });

  it('leaves a dedicated account’s lead with its source', async () => {
    const dedicatedSource = source({ placement: 'sign' });
    const settings = epoch(T0, { dedicatedSource });
    for (const wait of [0, 2 * HOUR]) {
      const { leads } = await foldSingly(
        settings,
        C1,
        write('ann', T0 + MINUTE),
        tick(T0 + MINUTE + wait),
        write('bob', T0 + wait + 2 * MINUTE, ['QWXYZT']),
      );
      const ann = of(leads, 'ann');
      expect(leads[0]).toMatchObject({ contact: 'ann', method: 'dedicated_account', clickId: 'c1' });
      expect(of(leads, 'bob').clickId).toBe('c1');
      if (of(leads, 'bob').method !== 'forward')
        expect(ann).toMatchObject({ method: 'dedicated_account', resolvedTo: 'placement', clickId: '', source: dedicatedSource });
    }
  });

  it('does not ask a lead again that an identifier of its own has settled meanwhile, tested or not', async () => {
    const c2 = click({ id: 'c2', code: 'KLMNOP', at: T0 + 30 * SECOND });
    for (let index = 0; index < 400; index += 1) {
      const id = `m${index}`;
      const { leads } = await foldLog(
        log(
          C1,
          message({ id, from: 'ann', at: T0 + 20 * SECOND }),
          c2,
          edit({ id, of: id, from: 'ann', at: T0 + 50 * SECOND, codes: ['KLMNOP'] }),
          write('bob', T0 + MINUTE, ['QWXYZT']),
        ),
      );
      expect(of(leads, 'ann')).toMatchObject({ method: 'exact_id', clickId: 'c2', revision: 2 });
      expect(of(leads, 'bob').clickId).toBe('c1');
    }
  });
});

describe('a click that is given back', () => {
  const rival = click({ id: 'c2', code: 'KLMNOP', at: T0 });

  it.each([
    ['by its code', (at: number) => [rival, brings('ann', at, ['KLMNOP'])]],
    ['by a correction', (at: number, leadId: string) => [correction(at, leadId, { source: source({ utmCampaign: 'fair' }) })]],
  ] as const)('is free for others when a final lead turns out to come from elsewhere, %s', async (_, settled) => {
    const probe = write('bob', T0 + 2 * HOUR + 5 * MINUTE);
    const plain = [C1, write('ann', T0 + MINUTE), tick(T0 + 2 * HOUR)];
    const before = await foldSingly(...plain);
    const kept = await foldSingly(...plain, probe);
    const freed = await foldSingly(...plain, ...settled(T0 + 2 * HOUR + MINUTE, before.leads[0]!.leadId), probe);
    const never = await foldSingly(C1, tick(T0 + 2 * HOUR), probe);
    const share = (leads: readonly Lead[]) => of(leads, 'bob').candidates.find(({ clickId }) => clickId === 'c1')?.probability ?? 0;
    expect(share(never.leads)).toBeGreaterThan(0.05);
    expect(share(kept.leads)).toBeLessThan(share(never.leads) / 10);
    expect(share(freed.leads)).toBeGreaterThan(3 * share(kept.leads));
  });

  it('goes to an open lead when a correction names another one for its holder', async () => {
    const first = await foldSingly(C1, write('ann', T0 + MINUTE));
    const { leads } = await foldSingly(
      C1,
      write('ann', T0 + MINUTE),
      correction(T0 + 2 * MINUTE, first.leads[0]!.leadId, {}),
      write('bob', T0 + 3 * MINUTE),
    );
    expect(of(leads, 'bob')).toMatchObject({ method: 'probabilistic', clickId: 'c1' });
  });

  it('is taken by a correction from the lead that had it by probability, open or final', async () => {
    for (const wait of [0, 2 * HOUR]) {
      const plain = [C1, write('ann', T0 + MINUTE), write('bob', T0 + 10 * MINUTE + DAY / 2, []), tick(T0 + DAY / 2 + wait + 11 * MINUTE)];
      const { leads: first } = await foldSingly(...plain);
      expect(of(first, 'ann').clickId).toBe('c1');
      const { leads } = await foldSingly(
        ...plain,
        correction(T0 + DAY / 2 + wait + 12 * MINUTE, of(first, 'bob').leadId, { clickId: 'c1' }),
      );
      expect(of(leads, 'bob')).toMatchObject({ method: 'correction', clickId: 'c1', probability: 1 });
      expect(of(leads, 'ann').clickId).toBe('');
      expectSums(leads);
    }
  });
});

function expectSums(leads: readonly Lead[]): void {
  for (const { pNone, pOther, candidates, sourceShares } of leads) {
    const units = (values: readonly number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) * 10_000);
    expect(units([pNone, pOther, ...candidates.map(({ probability }) => probability)])).toBe(10_000);
    expect(units(sourceShares.map(({ share }) => share))).toBe(10_000);
  }
}
