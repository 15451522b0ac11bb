import { describe, expect, it } from 'vitest';
import { foldLog } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, MINUTE, message, T0, type Unplaced } from './support/log-builder.ts';

/** So many people click and bring their code, a minute apart. */
function identified(count: number, fromMs: number): readonly Unplaced[] {
  return Array.from({ length: count }, (_, index) => {
    const at = fromMs + index * MINUTE;
    const code = `CODE${fromMs}${index}`;
    return [click({ id: code, code, at }), message({ id: `m-${code}`, from: `who-${code}`, at: at + 20_000, codes: [code] })];
  }).flat();
}

async function confidenceOf(...touchpoints: readonly Unplaced[]) {
  const { leads } = await foldLog(
    log(...touchpoints, message({ id: 'last', from: 'last', at: touchpoints.at(-1)!.observedAtMs + 2 * HOUR })),
  );
  return leads.find(({ firstMessageId }) => firstMessageId === 'last')!.warming;
}

describe('an account', () => {
  it('is warming below a hundred identified leads and two days, and its leads say so', async () => {
    expect(await confidenceOf(...identified(50, T0))).toBe(true);
    const { leads } = await foldLog(log(...identified(3, T0)));
    expect(leads.map(({ warming }) => warming)).toEqual(leads.map(() => true));
  });

  it('is learned from a hundred identified leads on, however young it is', async () => {
    expect(await confidenceOf(...identified(102, T0))).toBe(false);
  });

  it('is learned after two days, however few its leads', async () => {
    expect(await confidenceOf(...identified(2, T0), ...identified(2, T0 + DAY), ...identified(2, T0 + 2 * DAY))).toBe(false);
  });
});
