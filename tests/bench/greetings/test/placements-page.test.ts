import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(ROOT, 'docs/placements.md'), 'utf8');

interface Named {
  readonly right: number;
  readonly wrong: number;
}

interface GreetingsResult {
  readonly details: Readonly<Record<string, { readonly named?: Readonly<Record<string, Readonly<Record<'gateway' | 'exact', Named>>>> }>>;
}

const { details }: GreetingsResult = JSON.parse(readFileSync(join(ROOT, 'tests/bench/results/greetings.json'), 'utf8'));

it('docs/placements.md says how often greetings are named as tests/bench/results/greetings.json does', () => {
  const sets = Object.keys(details).filter((name) => details[name]?.named !== undefined);
  const long = sets.filter((name) => name.endsWith('4x4x4x4'));
  const short = sets.filter((name) => name.endsWith('8x8 short'));
  expect([long.length, short.length]).toEqual([3, 1]);
  // Of several sets the worst.
  const right = (names: readonly string[], digits: number): string =>
    [1, 2, 3].map((edits) => percent(Math.min(...names.map((name) => told(name, edits, 'gateway').right)), digits)).join(', ');
  const wrong = (names: readonly string[]): readonly number[] =>
    [1, 2, 3].map((edits) => Math.max(...names.map((name) => told(name, edits, 'gateway').wrong)));
  const exact = (names: readonly string[]): readonly number[] => names.map((name) => told(name, 1, 'exact').right);
  const [first = 0, second = 0, third = 0] = wrong(long);
  expect(page).toContain(`| right after 1, 2, 3 edits | ${right(long, 1)} % | ${right(short, 0)} % |`);
  expect(page).toContain(
    `| wrong after 1, 2, 3 edits | ${percent(first, 1)}, ${percent(second, 1)}, at most ${percent(third, 2)} % | ${wrong(short)
      .map((value) => percent(value, 1))
      .join(', ')} % |`,
  );
  expect(page).toContain(
    `| an exact comparison, right after 1 | ${percent(Math.min(...exact(long)), 0)} to ${percent(Math.max(...exact(long)), 0)} % | ${percent(exact(short)[0] ?? 0, 0)} % |`,
  );
});

function told(set: string, edits: number, contender: 'gateway' | 'exact'): Named {
  const found = details[set]?.named?.[`${edits} edited words`]?.[contender];
  if (found === undefined) throw new Error(`${set} has no result after ${edits} edits`);
  return found;
}

function percent(value: number, digits: number): string {
  return String(Number((100 * value).toFixed(digits)));
}
