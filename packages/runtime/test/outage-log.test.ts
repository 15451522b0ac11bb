import { describe, expect, it } from 'vitest';
import { createOutageLog, type OutageLog } from '../src/outage-log.ts';

const MINUTE_MS = 60_000;

function open(): { outage: OutageLog; lines: string[]; fields: Readonly<Record<string, unknown>>[]; pass: (ms: number) => void } {
  const lines: string[] = [];
  const fields: Readonly<Record<string, unknown>>[] = [];
  let nowMs = 5_000;
  const log = {
    warn(given: Readonly<Record<string, unknown>>, message: string) {
      lines.push(message);
      fields.push(given);
    },
  };
  const outage = createOutageLog(log, { away: 'away', back: 'back' }, () => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { outage, lines, fields, pass };
}

describe('the log of an outage', () => {
  it('says once that something is away and once that it is back, with how long and how many attempts', () => {
    const { outage, lines, fields, pass } = open();
    for (let i = 0; i < 40; i++) {
      outage.failed(new Error('refused'), { table: 'leads' });
      pass(500);
    }
    expect(outage.isAway).toBe(true);
    outage.recovered({ rows: 7 });
    outage.recovered();
    expect(outage.isAway).toBe(false);
    expect(lines).toEqual(['away', 'back']);
    expect(fields[0]).toMatchObject({ table: 'leads', err: { message: 'refused' } });
    expect(fields[1]).toEqual({ rows: 7, awayForS: 20, attempts: 40 });
  });

  it('reminds after a minute, then at doubling distance up to an hour, without the stack', () => {
    const { outage, lines, fields, pass } = open();
    const saidAtMinutes: number[] = [];
    for (let minute = 0; minute <= 5 * 60; minute++) {
      const before = lines.length;
      outage.failed(new Error('still'));
      if (lines.length > before) saidAtMinutes.push(minute);
      pass(MINUTE_MS);
    }
    expect(saidAtMinutes).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(fields[1]).toEqual({ reason: 'still', awayForS: 60, attempts: 2 });
  });

  it('takes something that comes and goes for one outage, and two lines of it for one reminder', () => {
    const { outage, lines, pass } = open();
    for (let i = 0; i < 1_000; i++) {
      outage.failed(new Error('away'));
      pass(100);
      outage.recovered();
      pass(100);
    }
    // 200 s of it: at the start, and then once a minute, as every flap ends the outage before a second reminder.
    expect(lines).toEqual(['away', 'back', 'away', 'back', 'away', 'back', 'away', 'back']);
  });

  it('begins a new outage after it was well for longer than a reminder', () => {
    const { outage, lines, fields, pass } = open();
    outage.failed(new Error('one'));
    outage.recovered();
    pass(MINUTE_MS);
    outage.failed(new Error('two'));
    expect(lines).toEqual(['away', 'back', 'away']);
    expect(fields[2]).toMatchObject({ err: { message: 'two' } });
  });

  it('is over when the last of several sources has recovered, and says so when it was silent in between', () => {
    const { outage, lines, fields } = open();
    outage.failed(new Error('x'), {}, 'leads');
    outage.failed(new Error('x'), {}, 'clicks');
    outage.recovered({}, 'visits');
    outage.recovered({}, 'leads');
    expect(outage.isAway).toBe(true);
    outage.recovered({}, 'clicks');
    expect(lines).toEqual(['away', 'back']);
    expect(fields[1]).toEqual({ awayForS: 0, attempts: 2 });
  });
});
