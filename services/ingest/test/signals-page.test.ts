import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOT_SIGNS } from '../src/domain/bot-score.ts';

it('docs/signals.md has every sign of a program with its weight, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/signals.md'), 'utf8');
  const [, table = ''] = /\n\| sign \| w \|[^\n]*\n\|[-|]+\n([\s\S]*?)\n\n/.exec(page) ?? [];
  const told = [...table.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, sign = '', weight]) => [sign, Number(weight)]);
  expect(Object.fromEntries(told)).toEqual(BOT_SIGNS);
});
