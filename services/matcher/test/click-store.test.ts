import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admit,
  CANDIDATE,
  type ClickStore,
  CODELESS,
  clickByCode,
  clickById,
  emptyClicks,
  expire,
  FINE_CLICKS,
  HOT_CLICKS,
  INDEXED,
  isLive,
  liveClicks,
  REACH_MS,
  release,
  slotOf,
  take,
  VISIT_GAP_MS,
} from '../src/domain/click-store.ts';
import type { ClickFacts } from '../src/domain/touchpoint.ts';
import { click, DAY, HOUR, MINUTE, SECOND, source, T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 200 };
const KEEP_ALL = { beforeLeaving: () => undefined, lossOdds: () => 0.05 };

type Facts = Partial<Parameters<typeof click>[0]> & { readonly id: string; readonly at: number };

function add(store: ClickStore, facts: Facts, isCandidate = true): boolean {
  return admit(store, click(facts).click, facts.observed ?? facts.at, isCandidate);
}

function slot(store: ClickStore, clickId: string): number {
  return slotOf(store, store.byId.get(clickId)!);
}

describe('the store of clicks', () => {
  it('grows by a half and keeps every click in its place, also when its first ones have gone', () => {
    const store = emptyClicks();
    for (let index = 0; index < 1_000; index += 1) {
      const at = T0 + index * 5 * MINUTE;
      add(store, { id: `c${index}`, code: `K${index}`, at, greetingVariant: index % 64 });
      expire(store, at, KEEP_ALL);
    }
    expect(liveClicks(store)).toBe(REACH_MS / (5 * MINUTE) + 1);
    // 8, 12, 18, 27, 41 … 710, 1,065.
    expect(store.columns.size).toBe(1_065);
    for (let index = 1_000 - liveClicks(store); index < 1_000; index += 1) {
      const found = clickById(store, `c${index}`);
      expect(found).toMatchObject({ clickId: `c${index}`, clickedAtMs: T0 + index * 5 * MINUTE });
      expect(clickByCode(store, `K${index}`)).toEqual(found);
      expect(store.columns.variant[slot(store, `c${index}`)]).toBe(index % 64);
    }
    expect(clickById(store, 'c0')).toBeUndefined();
    expect(clickByCode(store, 'K0')).toBeUndefined();
  });

  it('tells clicks that carried no code, and counts the live ones among candidates', () => {
    const store = emptyClicks();
    add(store, { id: 'c1', at: T0 });
    add(store, { id: 'c2', code: 'K2', at: T0 });
    add(store, { id: 'c3', at: T0 }, false);
    add(store, { id: 'c4', at: T0 + HOUR });
    expect(['c1', 'c2', 'c3', 'c4'].map((id) => store.columns.flags[slot(store, id)]! & CODELESS)).toEqual([
      CODELESS,
      0,
      CODELESS,
      CODELESS,
    ]);
    expect(store.codeless).toBe(2);
    expire(store, T0 + REACH_MS + MINUTE, KEEP_ALL);
    expect(liveClicks(store)).toBe(1);
    expect(store.codeless).toBe(1);
  });

  it('agrees with a plain list on what is there, whatever the order of times', () => {
    const steps = fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 60 }),
        code: fc.constantFrom('', '', 'AAAA', 'BBBB', 'CCCC'),
        isCandidate: fc.boolean(),
        stepMs: fc.oneof(fc.integer({ min: 0, max: 10 * MINUTE }), fc.integer({ min: 0, max: 2 * DAY })),
        lateMs: fc.oneof(fc.constant(0), fc.integer({ min: -DAY, max: 5 * DAY })),
        campaign: fc.constantFrom('spring', 'autumn'),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        const store = emptyClicks();
        const kept: { id: string; code: string; at: number }[] = [];
        const left: { at: number; campaign: string }[] = [];
        const campaigns = new Map<string, string>();
        let clockMs = T0;
        for (const { id: number, code, isCandidate, stepMs, lateMs, campaign } of given) {
          clockMs += stepMs;
          const id = `c${number}`;
          const at = clockMs - lateMs;
          const isNew = kept.every((each) => each.id !== id);
          expect(add(store, { id, code, at, observed: clockMs, source: source({ utmCampaign: campaign }) }, isCandidate)).toBe(isNew);
          if (isNew) {
            kept.push({ id, code, at });
            campaigns.set(id, isCandidate ? campaign : '');
          }
          expire(store, clockMs, KEEP_ALL);
          while (kept.length > 0 && clockMs - kept[0]!.at > REACH_MS) {
            const gone = kept.shift()!;
            left.push({ at: gone.at, campaign: campaigns.get(gone.id)! });
          }
          expect([...store.byId.keys()]).toEqual(kept.map((each) => each.id));
          expect(liveClicks(store)).toBe(kept.length);
          for (const each of kept) expect(clickById(store, each.id)).toMatchObject({ clickId: each.id, clickedAtMs: each.at });
          for (const [found, index] of store.byCode) {
            expect(isLive(store, index)).toBe(true);
            expect(kept.some((each) => each.code === found)).toBe(true);
          }
        }
        // Profiles are counted: none outlives its clicks.
        const table = store.profiles;
        const profiles = Array.from({ length: table.size }, (_, index) => index).filter((index) => table.clicks(index) > 0);
        expect(profiles.reduce((sum, index) => sum + table.clicks(index), 0)).toBe(kept.length);
        expect(table.sources.held).toBe(new Set(profiles.map((index) => table.read(index).sourceIndex)).size);
        expect(table.places.held).toBe(new Set(profiles.map((index) => table.read(index).placeIndex)).size);
        expect(table.regions.held).toBe(new Set(profiles.map((index) => table.read(index).regionIndex)).size);
        expect(table.languages.held).toBe(new Set(profiles.map((index) => table.read(index).languageIndex)).size);
      }),
      RUNS,
    );
  });

  it('keeps all of two hours up to a bound, beyond that the newest ones up to three days', () => {
    const store = emptyClicks();
    const flood = HOT_CLICKS + 500;
    for (let index = 0; index < flood; index += 1) {
      const at = T0 + index * 400;
      add(store, { id: `c${index}`, at });
      expire(store, at, KEEP_ALL);
    }
    expect(liveClicks(store)).toBe(HOT_CLICKS);
    expect([...store.cells.values()].reduce((sum, cell) => sum + cell.clicks, 0)).toBe(500);
    expire(store, T0 + 2 * HOUR + flood * 400, KEEP_ALL);
    expect(liveClicks(store)).toBe(FINE_CLICKS);
    expect(store.columns.size).toBe(HOT_CLICKS + 1);
    expire(store, T0 + REACH_MS + flood * 400, KEEP_ALL);
    expect(liveClicks(store)).toBe(0);
  });

  it('remembers what left too early as mass by half-hour and campaign, and forgets it after three days', () => {
    const store = emptyClicks();
    const count = HOT_CLICKS + 10;
    for (let index = 0; index < count; index += 1) {
      add(store, { id: `c${index}`, code: `K${index}`, at: T0 + index, source: source({ utmCampaign: index % 2 === 0 ? 'even' : 'odd' }) });
    }
    // Who has written, and whose click is superseded, is expected no more.
    take(store, 0, T0 + count);
    expire(store, T0 + count, KEEP_ALL);
    const cells = [...store.cells.values()];
    expect(cells.map(({ campaign, clicks }) => [campaign, clicks])).toEqual([
      ['odd', 5],
      ['even', 4],
    ]);
    for (const { clicks, mass } of cells) expect(mass).toBeCloseTo(clicks * 0.05, 12);
    expire(store, T0 + REACH_MS + HOUR, KEEP_ALL);
    expect(store.cells.size).toBe(0);
  });

  it('tells of each click before it leaves', () => {
    const store = emptyClicks();
    for (let index = 0; index < 5; index += 1) add(store, { id: `c${index}`, at: T0 + index });
    const told: (readonly [leaving: number, live: number])[] = [];
    const expiry = { ...KEEP_ALL, beforeLeaving: (click: number) => told.push([click, liveClicks(store)]) };
    expire(store, T0 + REACH_MS, expiry);
    expect(told).toEqual([]);
    expire(store, T0 + REACH_MS + 2, expiry);
    expect(told).toEqual([
      [0, 5],
      [1, 4],
    ]);
  });

  it('does not say whose a code is when an earlier click of it may have left', () => {
    const store = emptyClicks();
    add(store, { id: 'c1', code: 'AAAA', at: T0 });
    expire(store, T0 + 4 * DAY, KEEP_ALL);
    // A second delivery carries the time of receipt of the first.
    add(store, { id: 'c1', code: 'AAAA', at: T0 });
    expect(clickByCode(store, 'AAAA')).toBeUndefined();
    add(store, { id: 'c2', code: 'BBBB', at: T0 + 4 * DAY });
    expect(clickByCode(store, 'BBBB')?.clickId).toBe('c2');
  });

  it('gives a code that is used twice to its first click', () => {
    const store = emptyClicks();
    add(store, { id: 'c1', code: 'AAAA', at: T0 });
    add(store, { id: 'c2', code: 'AAAA', at: T0 + SECOND });
    expect(clickByCode(store, 'AAAA')?.clickId).toBe('c1');
    expect(store.columns.flags[slot(store, 'c2')]! & INDEXED).toBe(0);
  });
});

describe('visits', () => {
  const visitorId = 'v1';

  it('are one intent timed by the last click when clicks are close, and several when they are not', () => {
    const store = emptyClicks();
    const far = VISIT_GAP_MS + SECOND;
    add(store, { id: 'c1', at: T0, visitorId });
    add(store, { id: 'c2', at: T0 + MINUTE, visitorId });
    add(store, { id: 'x', at: T0 + 2 * MINUTE, visitorId: 'other' });
    add(store, { id: 'c3', at: T0 + MINUTE + far, visitorId });
    const { supersededAtMs, run } = store.columns;
    expect(['c1', 'c2', 'x', 'c3'].map((id) => [run[slot(store, id)], supersededAtMs[slot(store, id)]])).toEqual([
      [1, T0 + MINUTE],
      [2, Number.POSITIVE_INFINITY],
      [1, Number.POSITIVE_INFINITY],
      [3, Number.POSITIVE_INFINITY],
    ]);
  });

  it('are not joined by clicks of programs, nor by clicks that come late', () => {
    const store = emptyClicks();
    add(store, { id: 'c1', at: T0, visitorId });
    add(store, { id: 'bot', at: T0 + SECOND, visitorId }, false);
    add(store, { id: 'late', at: T0 - MINUTE, observed: T0 + 2 * SECOND, visitorId });
    expect(store.columns.supersededAtMs[slot(store, 'c1')]).toBe(Number.POSITIVE_INFINITY);
    expect(store.columns.flags[slot(store, 'bot')]! & CANDIDATE).toBe(0);
  });

  it('are taken whole when one of their clicks brings a message, the later ones of the visitor too', () => {
    const store = emptyClicks();
    for (let index = 0; index < 5; index += 1) add(store, { id: `c${index}`, at: T0 + (index * DAY) / 4, visitorId });
    add(store, { id: 'x', at: T0 + DAY, visitorId: 'other' });
    take(store, store.byId.get('c2')!, T0 + 2 * DAY);
    add(store, { id: 'c5', at: T0 + 2 * DAY, visitorId });
    const taken = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'x'].map((id) => store.columns.takenAtMs[slot(store, id)]);
    expect(taken).toEqual([...new Array(6).fill(T0 + 2 * DAY), Number.NaN]);
    // The first message counts.
    take(store, store.byId.get('c2')!, T0 + 3 * DAY);
    expect(store.columns.takenAtMs[slot(store, 'c2')]).toBe(T0 + 2 * DAY);
  });

  it('are free again when what took them came from elsewhere, but for what another message took before', () => {
    const store = emptyClicks();
    for (let index = 0; index < 4; index += 1) add(store, { id: `c${index}`, at: T0 + (index * DAY) / 4, visitorId });
    take(store, store.byId.get('c0')!, T0 + MINUTE);
    add(store, { id: 'x', at: T0 + DAY, visitorId: 'other' });
    take(store, store.byId.get('x')!, T0 + 2 * DAY);
    release(store, store.byId.get('c0')!);
    for (const id of ['c0', 'c1', 'c2', 'c3']) expect(store.columns.takenAtMs[slot(store, id)]).toBeNaN();
    expect(store.columns.takenAtMs[slot(store, 'x')]).toBe(T0 + 2 * DAY);
  });

  it('take only their own click when the visitor is not known', () => {
    const store = emptyClicks();
    add(store, { id: 'c1', at: T0 });
    add(store, { id: 'c2', at: T0 + SECOND });
    take(store, store.byId.get('c2')!, T0 + MINUTE);
    expect(store.columns.takenAtMs[slot(store, 'c1')]).toBeNaN();
    expect(store.columns.takenAtMs[slot(store, 'c2')]).toBe(T0 + MINUTE);
  });
});

describe('profiles', () => {
  it('are shared by clicks that differ in nothing but time, person, code and greeting', () => {
    const store = emptyClicks();
    const facts: readonly Partial<ClickFacts>[] = [
      {},
      { languages: ['en-GB', 'de'] },
      { code: 'BBBB', greetingVariant: 3, visitorId: 'v' },
      { country: 'DE' },
      { region: '' },
      { languages: [] },
      { device: 'android' },
      { network: 'vpn' },
      { botScore: 0.9 },
      { source: source({ placement: 'site-button', utmCampaign: 'spring', clickIds: [['gclid', '1']], referrerHost: 'a.example' }) },
      { source: source({ placement: 'site-button', utmCampaign: 'autumn' }) },
    ];
    for (const [index, each] of facts.entries()) add(store, { id: `c${index}`, at: T0 + index, ...each });
    const indexes = facts.map((_, index) => store.columns.profile[slot(store, `c${index}`)]!);
    expect(indexes).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 7]);
    expect(store.profiles.clicks(0)).toBe(4);
  });
});
