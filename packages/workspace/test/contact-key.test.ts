import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactKey } from '../src/contact-key.ts';

describe('contact keys', () => {
  it('are stable: they stand in the log for months', () => {
    expect(contactKey('acme', 'whatsapp', 'bsuid', 'US.13491208655302741918')).toBe('jPr4ZkyyufbLOA6uYybdW1');
    expect(contactKey('acme', 'telegram', 'tg_user', '123456789')).toBe('dh8MrQVbVqR57A5C-bYxqs');
  });

  it('read a phone number by its digits', () => {
    expect(contactKey('acme', 'whatsapp', 'wa_id', '+1 415-555-0100')).toBe(contactKey('acme', 'whatsapp', 'wa_id', '14155550100'));
  });

  it('of what is no number at all are not one key', () => {
    expect(contactKey('acme', 'whatsapp', 'wa_id', 'CUSTOMER')).not.toBe(contactKey('acme', 'whatsapp', 'wa_id', 'ANOTHER'));
  });

  it('differ where anything differs', () => {
    const part = fc.tuple(
      fc.constantFrom('acme', 'acme2'),
      fc.constantFrom('whatsapp' as const, 'telegram' as const),
      fc.constantFrom('bsuid' as const, 'parent_bsuid' as const, 'tg_user' as const),
      fc.string(),
    );
    fc.assert(
      fc.property(part, part, (a, b) => {
        const isSame = a.every((value, i) => value === b[i]);
        expect(contactKey(...a) === contactKey(...b)).toBe(isSame);
        expect(contactKey(...a)).toMatch(/^[A-Za-z0-9_-]{22}$/);
      }),
    );
  });
});
