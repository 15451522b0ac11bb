import { describe, expect, it } from 'vitest';
import { createMinuteWatch } from '../match/whole-minutes.ts';
import { at, click, HOUR, MINUTE, match, message, SECOND } from './match-support/history.ts';

type Line = Parameters<ReturnType<typeof createMinuteWatch>['see']>[0];

const lineAt = (kind: 'click' | 'message', id: string, timeMs: number) => ({ kind, id, timeMs, arrivedAtMs: timeMs }) as Line;

/** A watch that has seen so many lines of each kind, and one more. */
function watch(clicks: number, messages: number, oneMore: Line = lineAt('click', 'more', 0)) {
  const minutes = createMinuteWatch();
  for (let index = 0; index < clicks; index += 1) minutes.see(lineAt('click', `c${index}`, index * MINUTE));
  for (let index = 0; index < messages; index += 1) minutes.see(lineAt('message', `m${index}`, index * MINUTE));
  minutes.see(oneMore);
  return minutes;
}

const movedBy = (minutes: ReturnType<typeof createMinuteWatch>, line: Line) => minutes.spread(line).timeMs - line.timeMs;

describe('files that tell times to the minute', () => {
  it('have their clicks spread over the minute before, each by its id', () => {
    const minutes = watch(10, 10);
    const moves = Array.from({ length: 600 }, (_, index) => movedBy(minutes, lineAt('click', `x${index}`, HOUR)));
    for (const move of moves) {
      expect(move).toBeLessThanOrEqual(0);
      expect(move).toBeGreaterThan(-MINUTE);
    }
    for (let sixth = 0; sixth < 6; sixth += 1) {
      const within = moves.filter((move) => move <= -sixth * 10 * SECOND && move > -(sixth + 1) * 10 * SECOND);
      expect(within.length).toBeGreaterThan(60);
    }
    expect(movedBy(minutes, lineAt('click', 'x7', HOUR))).toBe(moves[7]);
    expect(minutes.spread(lineAt('click', 'x7', HOUR)).arrivedAtMs).toBe(HOUR);
    expect(movedBy(minutes, lineAt('message', 'x7', HOUR))).toBe(0);
  });

  it('are told from those of which one tells seconds, by more lines than chance makes so', () => {
    const x7 = lineAt('click', 'x7', HOUR);
    expect(movedBy(watch(10, 10), x7)).toBeLessThan(0);
    expect(movedBy(watch(10, 10, lineAt('click', 'more', MINUTE + SECOND)), x7)).toBe(0);
    expect(movedBy(watch(10, 10, lineAt('message', 'more', MINUTE + 1)), x7)).toBe(0);
    expect(movedBy(watch(40, 9), x7)).toBe(0);
    expect(movedBy(watch(8, 40), x7)).toBe(0);
  });

  it('are told so before the first line goes on, and then for good', () => {
    const minutes = watch(10, 10);
    expect(movedBy(minutes, lineAt('click', 'x7', HOUR))).toBeLessThan(0);
    minutes.see(lineAt('click', 'late', HOUR + 1));
    expect(movedBy(minutes, lineAt('click', 'x8', HOUR))).toBeLessThan(0);
  });

  it('lead to the same clicks by code, dated as their messages say', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index);
    const { leads } = await match(
      numbers.map((index) => click(`c${index}`, index * HOUR, { code: `code${index}x` })),
      numbers.map((index) => message(`m${index}`, index * HOUR, { code: `code${index}x` })),
    );
    expect(leads.map((lead) => lead.click)).toEqual(numbers.map((index) => `c${index}`));
    expect(leads.map((lead) => lead.started_at)).toEqual(numbers.map((index) => at(index * HOUR)));
  });
});
