import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrast, readableOn } from '../src/contrast.ts';

describe('contrast', () => {
  it('is that of WCAG: 21 of black on white, 1 of a colour on itself, and the grey that just passes', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
    expect(contrast('#0b6b3a', '#0B6B3A')).toBe(1);
    // The lightest grey that WCAG's own tools let pass on white.
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
    expect(contrast('#ffffff', '#777777')).toBeLessThan(4.5);
  });

  it('of the words on any accent is enough to read them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), (color) => {
        const accent = `#${color.toString(16).padStart(6, '0')}`;
        expect(contrast(accent, readableOn(accent))).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 2_000 },
    );
  });
});
