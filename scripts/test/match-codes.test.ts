import { randomBytes } from 'node:crypto';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { foldName, givenName } from '../match/account-name.ts';
import { foldCode } from '../match/opaque-code.ts';

describe('foreign codes', () => {
  it('are equal after trimming and case folding, in any script', () => {
    for (const [a, b] of [
      ['abc-12', '  ABC-12\u00a0'],
      ['straße', 'STRASSE'],
      ['ΟΔΟΣ', 'οδος'],
      ['\u212a9', 'k9'],
    ]) {
      expect(foldCode(a!)).toBe(foldCode(b!));
    }
    expect(foldCode('abc-12')).not.toBe(foldCode('abc12'));
    expect(foldCode('   ')).toBe('');
  });

  it('that are ours in the form people see are the code itself', () => {
    const code = newCode(randomBytes);
    expect(foldCode(displayCode(code).toLowerCase())).toBe(code);
    expect(foldCode('ABCDE-FGHIJ')).toBe('ABCDE-FGHIJ');
  });
});

describe('accounts', () => {
  it('of any text keep to themselves in keys, and get their name back', () => {
    for (const name of ['sales-wa', '+1 415/555', '100%', 'a%2Fb', 'a/b', '/']) {
      expect(foldName(name)).not.toContain('/');
      expect(givenName(foldName(name))).toBe(name);
    }
    expect(foldName('sales-wa')).toBe('sales-wa');
    expect(foldName('a/b')).not.toBe(foldName('a%2Fb'));
  });
});
