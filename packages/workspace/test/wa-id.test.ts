import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialledDigits, waIdsOf } from '../src/wa-id.ts';

describe('the digits people dial', () => {
  it.each([
    ['5215512345678', '525512345678'],
    ['551187654321', '5511987654321'],
    ['541112345678', '5491112345678'],
    ['16505551234', '16505551234'],
    // A landline of São Paulo has eight digits and gets no ninth.
    ['551132654321', '551132654321'],
    ['US.1349', 'US.1349'],
    ['', ''],
  ])('of %s are %s', (waId, dialled) => {
    expect(dialledDigits(waId)).toBe(dialled);
  });

  it('are the same for every id that a number may have', () => {
    const tail = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
    const phone = fc.oneof(
      tail(10).map((rest) => `52${rest}`),
      fc.tuple(tail(2), fc.constantFrom('6', '7', '8', '9'), tail(7)).map(([area, first, rest]) => `55${area}9${first}${rest}`),
      fc.tuple(fc.constantFrom('1', '2', '3', '8'), tail(9)).map(([first, rest]) => `549${first}${rest}`),
      tail(11),
    );
    fc.assert(
      fc.property(phone, (digits) => {
        const ids = waIdsOf(`+${digits}`);
        expect(new Set(ids.map(dialledDigits)).size).toBe(1);
        for (const id of ids) expect(dialledDigits(dialledDigits(id))).toBe(dialledDigits(id));
      }),
    );
  });
});
