import { describe, expect, it } from 'vitest';
import { CELL_NAMES, type Cell, cellOf } from '../cells.ts';
import { answersOf } from '../oracle.ts';
import { drawTraffic } from '../traffic.ts';

/** Histories are fixed by their seeds, so these are no chances: a law that the oracle and the generator do not share moves them far beyond. */
const STANDARD_ERRORS = 4;
const SEEDS = [21, 22];

/** Smaller, and with more messages without code, than what is benched. */
function smaller(cell: Cell): Cell {
  return {
    ...cell,
    accounts: Math.min(cell.accounts, cell.visitsPerHour < 2 ? 30 : 2),
    days: Math.min(cell.days, 4),
    visitsPerHour: Math.min(cell.visitsPerHour, 10),
    loses: Math.max(cell.loses, 0.2),
  };
}

describe.each(CELL_NAMES)('in %s', (name) => {
  const answers = SEEDS.flatMap((seed) => answersOf(drawTraffic(smaller(cellOf(name)), seed)));

  it('answers sum to one', () => {
    expect(answers.length).toBeGreaterThan(80);
    for (const { none, other, candidates, shares } of answers) {
      const named = candidates.reduce((sum, { probability }) => sum + probability, 0);
      expect(none + other + named).toBeCloseTo(1, 9);
      expect([...shares.values()].reduce((sum, share) => sum + share, none)).toBeCloseTo(1, 9);
    }
  });

  it('answers are right as often as they say', () => {
    const said = answers.flatMap((answer) => [
      { p: answer.none, isRight: answer.message.visit === undefined },
      ...answer.candidates.map(({ visit, probability }) => ({ p: probability, isRight: answer.message.visit === visit })),
    ]);
    for (const [low, high] of [
      [0, 0.02],
      [0.02, 0.1],
      [0.1, 0.3],
      [0.3, 0.6],
      [0.6, 0.9],
      [0.9, 1.01],
    ] as const) {
      const bin = said.filter(({ p }) => p >= low && p < high);
      expect(Math.abs(errorOf(bin)), `${bin.length} answers from ${low} to ${high}`).toBeLessThan(STANDARD_ERRORS);
    }
    expect(Math.abs(errorOf(answers.map((answer) => ({ p: answer.none, isRight: answer.message.visit === undefined }))))).toBeLessThan(
      STANDARD_ERRORS,
    );
  });
});

/** Right answers beyond those promised, in standard errors of a sum of independent ones. */
function errorOf(said: readonly { readonly p: number; readonly isRight: boolean }[]): number {
  const excess = said.reduce((sum, { p, isRight }) => sum + (isRight ? 1 : 0) - p, 0);
  const variance = said.reduce((sum, { p }) => sum + p * (1 - p), 0);
  return variance === 0 ? 0 : excess / Math.sqrt(variance);
}
