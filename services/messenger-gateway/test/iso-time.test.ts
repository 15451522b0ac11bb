import { describe, expect, it } from 'vitest';
import { readIsoTime } from '../src/domain/iso-time.ts';

const NOW = Date.UTC(2026, 10, 24, 12);

describe('ISO 8601', () => {
  it.each<readonly [unknown, number | undefined]>([
    ['2026-08-25T10:00:00.000Z', Date.UTC(2026, 7, 25, 10)],
    ['2026-08-25T13:00:00+03:00', Date.UTC(2026, 7, 25, 10)],
    ['2026-08-25T13:00:00+0300', Date.UTC(2026, 7, 25, 10)],
    // On a machine in Moscow as on one in Lisbon.
    ['2026-08-25T10:00:00.000', Date.UTC(2026, 7, 25, 10)],
    ['2026-08-25T10:00', Date.UTC(2026, 7, 25, 10)],
    ['2026-08-25', undefined],
    ['25.08.2026 10:00', undefined],
    ['2026-13-45T99:00:00Z', undefined],
    ['', undefined],
    [1_756_116_000, undefined],
    [null, undefined],
    // From before the messengers, and from the future: the message is real, only its time is not.
    ['1970-01-01T00:00:00Z', NOW],
    ['2036-01-01T00:00:00Z', NOW],
  ])('%j', (value, expected) => {
    expect(readIsoTime(value, NOW)).toBe(expected);
  });
});
