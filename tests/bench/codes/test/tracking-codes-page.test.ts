import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(ROOT, 'docs/tracking-codes.md'), 'utf8');

interface CodesResult {
  readonly medianPerSecond: Readonly<Record<string, number>>;
  readonly samples: readonly { readonly contender: string; readonly count: number; readonly seconds: number }[];
  readonly details: {
    readonly hostile: Readonly<Record<string, { readonly ms64KiB: number }>>;
    readonly falseAccepts: readonly {
      readonly live: number;
      readonly messages: number;
      readonly readIntact: number;
      readonly acceptedIntact: number;
      readonly expectedIntact: number;
      readonly readDamaged: number;
      readonly acceptedRepaired: number;
      readonly expectedRepaired: number;
    }[];
  };
}

const { medianPerSecond, samples, details }: CodesResult = JSON.parse(readFileSync(join(ROOT, 'tests/bench/results/codes.json'), 'utf8'));

it.each([
  ['· half without a code, the rest by all carriers', 'read: mixed'],
  ['· no code', 'read: no code'],
  ['· visible', 'read: visible'],
  ['· emoji', 'read: emoji'],
  ['· invisible and visible', 'read: invisible and visible'],
  ['· peer: NFKC and one regular expression, the same half-and-half', 'peer: NFKC and a regular expression, mixed'],
])('docs/tracking-codes.md has the messages per second of "%s" as tests/bench/results/codes.json says them', (title, contender) => {
  const fastest = Math.max(...samples.filter((sample) => sample.contender === contender).map(({ count, seconds }) => count / seconds));
  expect(page).toContain(`| ${title} | ${thousands(medianPerSecond[contender] ?? 0)} (${thousands(fastest)}) |`);
});

it.each([
  ['live code for a damaged one among 10^6', 'repair: one slip from a live code', 'µs'],
  ['none near among 10^6', 'repair: near to none', 'µs'],
  ['peer: the whole code in a `Set` of 10^6', 'peer: whole code in a Set', 'µs'],
  ['peer: comparison with each of 10^6', 'peer: comparison with every live code', 'ms'],
  ['a code leaves the index and comes back', 'repair: a code leaves and one comes', 'µs'],
] as const)('and the time of "%s"', (title, contender, unit) => {
  const seconds = 1 / (medianPerSecond[contender] ?? 0);
  const time = unit === 'ms' ? Math.round(seconds * 1e3) : (seconds * 1e6).toFixed(1);
  expect(page).toContain(`| ${title} | ${time} ${unit} |`);
});

it('and the slowest of the hostile texts', () => {
  const times = Object.values(details.hostile).map(({ ms64KiB }) => ms64KiB);
  expect(page).toContain(`| slowest of ${times.length} hostile texts of 64 KiB | ${Math.max(...times).toFixed(2)} ms (`);
});

it.each(details.falseAccepts)('and the false accepts among $live live codes', (row) => {
  const cells = [
    row.live.toLocaleString('en-US'),
    `${row.readIntact} (${exponent(row.readIntact / row.messages)})`,
    row.acceptedIntact,
    exponent(row.expectedIntact),
    `${Math.round((100 * row.readDamaged) / row.messages)} %`,
    row.acceptedRepaired,
    exponent(row.expectedRepaired),
  ];
  expect(page).toContain(`| ${cells.join(' | ')} |`);
});

function thousands(perSecond: number): string {
  return `${Math.round(perSecond / 1_000).toLocaleString('en-US')} k/s`;
}

/** As the page writes it: 5.1e-08. */
function exponent(value: number): string {
  return value.toExponential(1).replace(/e-(\d)$/, 'e-0$1');
}
