import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Belief } from '../files.ts';
import { measure } from '../measures.ts';
import { type Part, type PartOrder, partShelf } from '../parts.ts';

const ORDER: PartOrder = { regime: 'base', seed: 3, accounts: 20, days: 20 };

const belief = (none: number, candidates: Readonly<Record<string, number>>): Belief => ({
  none,
  other: 1 - none - Object.values(candidates).reduce((sum, each) => sum + each, 0),
  candidates: new Map(Object.entries(candidates)),
  shares: new Map([['spring', 1 - none]]),
});

function partWith(names: readonly string[]): Part {
  const beliefs = new Map([
    ['m1', belief(0.25, { c1: 0.5, c2: 0.125 })],
    ['m2', belief(0.8125, {})],
    ['learned from', belief(0.5, { c9: 0.5 })],
  ]);
  return {
    history: { regime: 'base', seed: 3, accounts: 20, days: 20, clicks: 4, messages: 3, open: 3, middle: '2026-03-12T00:00:00.000Z' },
    cases: [
      { message: 'm1', account: 'a', timeMs: 5, click: 'c2', campaign: 'spring', oracle: belief(0.3, { c1: 0.25, c2: 0.375 }) },
      { message: 'm2', account: 'a', timeMs: 6, click: null, campaign: null, oracle: belief(0.9, { c3: 0.0625 }) },
    ],
    answers: new Map(names.map((name) => [name, { beliefs, seconds: 1.5, commit: 'abc' }])),
  };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('parts of the quality table', () => {
  it('judge to the same numbers when they are read again', () => {
    const part = partWith(['messtrack']);
    partShelf(folder).write(ORDER, part);
    const read = partShelf(folder).read(ORDER)!;
    expect(read.history).toEqual(part.history);
    expect(read.cases).toEqual(part.cases);
    const [before, after] = [part, read].map(({ cases, answers }) => measure(cases, answers.get('messtrack')!.beliefs));
    expect(after).toEqual(before);
    expect(read.answers.get('messtrack')).toMatchObject({ seconds: 1.5, commit: 'abc' });
  });

  it('keep of the answers only those that are judged', () => {
    partShelf(folder).write(ORDER, partWith(['messtrack']));
    expect([...partShelf(folder).read(ORDER)!.answers.get('messtrack')!.beliefs.keys()]).toEqual(['m1', 'm2']);
  });

  it('are of one regime, seed and size, and take further contenders in place', () => {
    const shelf = partShelf(folder);
    shelf.write(ORDER, partWith(['messtrack']));
    for (const other of [{ regime: 'vpn' }, { seed: 4 }, { accounts: 8 }, { days: 8 }] as const)
      expect(shelf.read({ ...ORDER, ...other })).toBeUndefined();
    shelf.write(ORDER, partWith(['messtrack', 'Splink']));
    expect([...shelf.read(ORDER)!.answers.keys()]).toEqual(['messtrack', 'Splink']);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
