import { randomBytes } from 'node:crypto';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { PoolMember } from '@messtrack/workspace/workspace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseAccount } from '../src/domain/account-choice.ts';
import { wallClock } from '../src/domain/wall-clock.ts';
import { FIXED_NOW, IPHONE, startHarness } from './harness.ts';

const member = (account: string, part: Partial<PoolMember> = {}): PoolMember => ({
  account,
  weight: 1,
  hours: undefined,
  isPaused: false,
  ...part,
});
const berlin = (...spans: readonly (readonly [day: number, from: number, to: number])[]) => ({
  timeZone: 'Europe/Berlin',
  spans: spans.map(([day, fromMinute, toMinute]) => ({ day, fromMinute, toMinute })),
});
const everybody = () => true;
/** A Wednesday, 10:30 in Berlin (summer time). */
const WEDNESDAY = Date.UTC(2026, 6, 15, 8, 30);

describe('the clock on the wall', () => {
  it.each([
    ['Europe/Berlin', '2026-07-15T08:30:00Z', 2, 10 * 60 + 30],
    ['Europe/Berlin', '2026-01-14T23:30:00Z', 3, 30],
    ['Asia/Kolkata', '2026-07-15T18:29:59.999Z', 2, 23 * 60 + 59],
    ['America/New_York', '2026-07-20T02:00:00Z', 6, 22 * 60],
    ['UTC', '1969-12-31T23:59:00Z', 2, 23 * 60 + 59],
    // The hour that the change to winter time repeats, and the one that the change to summer time leaves out.
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 6, 150],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', 6, 150],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 6, 180],
  ])('in %s at %s', (zone, iso, day, minute) => {
    expect(wallClock(zone, Date.parse(iso))).toEqual({ day, minute });
  });
});

describe('the account of a click', () => {
  it('follows the weights exactly: a draw of u is the account whose share of [0, 1) holds u', () => {
    const pool = [member('a', { weight: 3 }), member('b'), member('c', { weight: 0.5 })];
    const counts = new Map<string, number>();
    for (let i = 0; i < 9_000; i += 1) {
      const account = chooseAccount(pool, everybody, WEDNESDAY, (i + 0.5) / 9_000);
      counts.set(account, (counts.get(account) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ a: 6_000, b: 2_000, c: 1_000 });
  });

  it('is open, of those that are well; at night one that is well; and one at all events', () => {
    const pool = [
      member('day', { hours: berlin([2, 540, 1_080]) }),
      member('night', { hours: berlin([2, 1_080, 1_440], [3, 0, 540]) }),
      member('paused', { isPaused: true }),
    ];
    const among = (isWell: (account: string) => boolean, atMs: number) =>
      new Set(Array.from({ length: 100 }, (_, i) => chooseAccount(pool, isWell, atMs, i / 100)));
    const HOUR = 3_600_000;
    expect(among(everybody, WEDNESDAY)).toEqual(new Set(['day']));
    expect(among(everybody, WEDNESDAY + 8 * HOUR)).toEqual(new Set(['night']));
    expect(among(everybody, WEDNESDAY + 16 * HOUR)).toEqual(new Set(['night']));
    expect(among(everybody, WEDNESDAY + 48 * HOUR)).toEqual(new Set(['day', 'night']));
    expect(among((account) => account !== 'day', WEDNESDAY)).toEqual(new Set(['night']));
    expect(among(() => false, WEDNESDAY)).toEqual(new Set(['day', 'night', 'paused']));
  });

  it('is always of the pool, and the same for the same draw', () => {
    const members = fc.array(
      fc.record({
        weight: fc.double({ min: 1e-6, max: 1_000, noNaN: true }),
        isPaused: fc.boolean(),
        isOpen: fc.boolean(),
        isWell: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(
        members,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.date({ noInvalidDate: true }),
        (parts, draw, at) => {
          const pool = parts.map(({ weight, isPaused, isOpen }, i) =>
            member(String(i), { weight, isPaused, hours: isOpen ? undefined : berlin() }),
          );
          const isWell = (account: string) => parts[Number(account)]!.isWell;
          const chosen = parts[Number(chooseAccount(pool, isWell, at.getTime(), draw))]!;
          const isIn = (part: (typeof parts)[number]) => !part.isPaused && part.isWell;
          const best = parts.some((part) => isIn(part) && part.isOpen)
            ? isIn(chosen) && chosen.isOpen
            : parts.some(isIn)
              ? isIn(chosen)
              : true;
          expect(best).toBe(true);
          expect(chooseAccount(pool, isWell, at.getTime(), draw)).toBe(chooseAccount(pool, isWell, at.getTime(), draw));
        },
      ),
    );
  });
});

describe('a placement with a pool', () => {
  const yaml = `workspace: acme
accounts:
  one: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  two: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  off: { channel: whatsapp, provider: whatsapp, phone: "+14155550102", phone_number_id: "106540352242924", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
placements:
  ad: { kind: redirect, pool: [{ account: one, weight: 2 }, { account: two }, { account: off, paused: true }] }
  site: { kind: site, pool: [{ account: one }, { account: two }], origins: ["https://acme.example"] }
`;

  it('leads to the account that the click is written for, and to each in turn', async () => {
    const harness = await startHarness({ yaml });
    const phones = new Map([
      ['/14155550100', 'acme/one'],
      ['/14155550101', 'acme/two'],
    ]);
    for (let i = 0; i < 60; i += 1) {
      const response = await harness.app.inject({ method: 'GET', url: '/t/acme/ad', headers: { 'user-agent': IPHONE } });
      const key = phones.get(new URL(String(response.headers.location)).pathname);
      expect(harness.clicks().at(-1)).toMatchObject({ key, eventTimeMs: FIXED_NOW });
    }
    // That one of two accounts stays out of 60 clicks has a chance of 3 · 10^-11.
    expect(new Set(harness.clicks().map(({ key }) => key))).toEqual(new Set(phones.values()));
    await harness.close();
  });

  it('takes the account a page says it led to, and no other', async () => {
    const harness = await startHarness({ yaml });
    const post = (account: string | undefined, id: string) =>
      harness.app.inject({
        method: 'POST',
        url: '/v1/clicks',
        headers: { 'user-agent': IPHONE, origin: 'https://acme.example', 'content-type': 'application/json' },
        payload: JSON.stringify({ workspace: 'acme', placement: 'site', account, click_id: id, code: newCode(randomBytes) }),
      });
    const refused = await post('off', 'c0');
    expect([refused.statusCode, refused.json()]).toEqual([
      404,
      { error: 'unknown_account', message: 'the placement "site" leads to no account "off"' },
    ]);
    await post('two', 'c1');
    await post(undefined, 'c2');
    expect(harness.clicks().map(({ clickId, key }) => [clickId, key])).toEqual([
      ['c1', 'acme/two'],
      ['c2', 'acme/one'],
    ]);
    await harness.close();
  });
});
