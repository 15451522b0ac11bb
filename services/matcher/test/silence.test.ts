import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, message, T0, tick, type Unplaced } from './support/log-builder.ts';

/** From a day of the log to another: so many clicks that nobody writes after, and messages in words of people's own, evenly. */
function traffic(from: number, to: number, perDay: { readonly clicks: number; readonly messages: number }): Unplaced[] {
  const evenly = (each: number, make: (id: string, at: number) => Unplaced) =>
    Array.from({ length: Math.round((to - from) * each) }, (_, at) => make(`${from}-${at}`, T0 + from * DAY + (at * DAY) / each));
  const records = [
    ...evenly(perDay.clicks, (id, at) => click({ id: `c${id}`, code: `CODE${id}`, at, visitorId: `v${id}` })),
    ...evenly(perDay.messages, (id, at) => message({ id: `m${id}`, from: `p${id}`, at, wording: 'other' })),
  ];
  // As the owner of a quiet partition lets time pass.
  return [...records.toSorted((a, b) => a.observedAtMs - b.observedAtMs), tick(T0 + to * DAY + 2 * HOUR)];
}

/** Of messages of no click that the account expects a day, and the days that it takes itself to have been watched for. */
async function after(...records: readonly (readonly Unplaced[])[]) {
  const { state } = await foldLog(log(...records.flat()));
  const model = currentModel(state.accounts.get('acme/wa')!.matching, state);
  return { perDay: model.organicPerS().reduce((sum, each) => sum + each, 0) * 3_600, watched: model.observedS / 86_400 };
}

const BUSY = { clicks: 96, messages: 24 };

describe('an account from which nothing comes', () => {
  it('was not watched meanwhile: as many write of themselves after a week of silence as before it', async () => {
    const before = await after(traffic(0, 4, BUSY));
    expect(before.perDay).toBeGreaterThan(12);
    const { perDay, watched } = await after(traffic(0, 4, BUSY), traffic(11, 11.5, BUSY));
    expect(watched).toBeLessThan(4.5);
    // Four of what were eleven days: 9 a day while the silence was counted.
    expect(perDay).toBeGreaterThan(before.perDay * 0.8);
    expect(perDay).toBeLessThan(before.perDay * 1.3);
  });

  it('was watched while messages came without clicks, or clicks without messages', async () => {
    const onlyMessages = { clicks: 0, messages: 24 };
    expect((await after(traffic(0, 4, BUSY), traffic(4, 8, onlyMessages), traffic(8, 8.5, BUSY))).watched).toBeGreaterThan(6.5);
    const onlyClicks = { clicks: 96, messages: 0 };
    const { watched, perDay } = await after(traffic(0, 4, BUSY), traffic(4, 8, onlyClicks), traffic(8, 8.5, BUSY));
    expect(watched).toBeGreaterThan(6.5);
    expect(perDay).toBeLessThan(18);
  });

  it('was watched when chance explains the silence, and for a night of it', async () => {
    const quiet = { clicks: 2, messages: 1 };
    expect((await after(traffic(0, 8, quiet), traffic(12, 20, quiet))).watched).toBeGreaterThan(12);
    const nights = Array.from({ length: 5 }, (_, day) => traffic(day, day + 0.5, BUSY));
    expect((await after(...nights)).watched).toBeGreaterThan(3.8);
  });

  it('is taken for away once, however it comes back', async () => {
    const { watched } = await after(
      traffic(0, 4, BUSY),
      [message({ id: 'first', from: 'back', at: T0 + 11 * DAY })],
      [message({ id: 'second', from: 'back', at: T0 + 11 * DAY + 20 * HOUR })],
      traffic(12, 13, BUSY),
    );
    expect(watched).toBeGreaterThan(3.9);
    expect(watched).toBeLessThan(6);
  });
});
