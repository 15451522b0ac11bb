import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaders, encodeHeaders } from '../src/headers.ts';

const headers = fc.record({
  eventId: fc.string({ minLength: 1, maxLength: 200 }),
  type: fc.constantFrom('Touchpoint.click', 'Touchpoint.message', 'Lead', 'DeadLetter'),
  producedAtMs: fc.nat({ max: 4_102_444_800_000 }),
  traceparent: fc.option(fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), { nil: undefined }),
});

describe('record headers', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(headers, (given) => {
        expect(decodeHeaders(encodeHeaders(given))).toEqual(given);
      }),
    );
  });

  it('have the names the contract gives them, all text', () => {
    expect(
      encodeHeaders({ eventId: 'click/acme/1', type: 'Touchpoint.click', producedAtMs: 1_700_000_000_000, traceparent: '00-a-b-01' }),
    ).toEqual({
      'event-id': 'click/acme/1',
      type: 'Touchpoint.click',
      'produced-at': '1700000000000',
      traceparent: '00-a-b-01',
    });
    expect(encodeHeaders({ eventId: 'x', type: 'Lead', producedAtMs: 0 })).not.toHaveProperty('traceparent');
  });

  it('of a foreign producer decode to empty values, whatever is missing or wrong', () => {
    expect(decodeHeaders({})).toEqual({ eventId: '', type: '', producedAtMs: 0, traceparent: undefined });
    for (const wrong of ['soon', 'NaN', 'Infinity', '']) expect(decodeHeaders({ 'produced-at': wrong }).producedAtMs).toBe(0);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('event-id', 'type', 'produced-at', 'traceparent', 'other'), fc.string()), (raw) => {
        expect(Number.isFinite(decodeHeaders(raw).producedAtMs)).toBe(true);
      }),
    );
  });
});
