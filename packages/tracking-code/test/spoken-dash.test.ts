import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCodes, readCodes } from '../src/codes-in-text.ts';
import { withNamedDashes } from '../src/spoken-dash.ts';
import { newCode } from '../src/tracking-code.ts';

const NAMES =
  'dash hyphen minus тире дефис минус дефіс мінус guion guión menos traço hífen hifen tiret moins Strich Bindestrich tire çizgi eksi trattino meno myślnik kreska';
const name = fc.constantFrom(...NAMES.split(' '));
const code = fc.constant(undefined).map(() => newCode((n) => randomBytes(n)));
const around = fc.constantFrom(['', ''], ['My code is ', ', thanks'], ['Мой код ', '. Жду'], ['(request no. ', ')'], ['12 dash 3, ', '']);
const spelled = (half: string, isSpelled: boolean) => (isSpelled ? [...half].join(' ') : half);

describe('a dash by its name', () => {
  it('is a dash in any wording and case, also of a code that is spelled out, and what stands around it is kept', () => {
    fc.assert(
      fc.property(code, name, fc.boolean(), fc.boolean(), around, (written, dash, isSpelled, isLower, [before, after]) => {
        const shown = `${spelled(written.slice(0, 5), isSpelled)} ${dash} ${spelled(written.slice(5), isSpelled)}`;
        const read = readCodes(`${before}${isLower ? shown.toLowerCase() : shown}${after}`);
        expect(read.codes[0]).toEqual({ code: written, carrier: 'visible', intact: true });
        if (!isSpelled) expect(read.rest).toBe(`${before}${after}`);
      }),
      { numRuns: 500 },
    );
  });

  it('makes no candidate of a damaged code, and none beside a code that is written whole', () => {
    fc.assert(
      fc.property(code, code, name, (one, other, dash) => {
        const wrong = `${one.slice(0, 5)} ${dash} ${one.slice(5, 9)}${one[9] === 'Z' ? 'Y' : 'Z'}`;
        expect(findCodes(wrong).filter(({ code: found, intact }) => intact || found === wrong.replace(` ${dash} `, ''))).toEqual([]);
        expect(findCodes(`${other} und ${one.slice(0, 5)} ${dash} ${one.slice(5)}`).filter(({ intact }) => intact)).toEqual([
          { code: other, carrier: 'visible', intact: true },
        ]);
      }),
    );
  });

  it('leaves every character where it was, whatever the text', () => {
    const piece = fc.oneof(name, fc.constantFrom(' ', '  ', '\n', ',', 'a', '7'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const dashed = withNamedDashes(text) ?? text;
        expect(dashed).toHaveLength(text.length);
        for (let i = 0; i < text.length; i += 1) if (!/[-\u200b ]/.test(dashed[i]!)) expect(dashed[i]).toBe(text[i]);
      }),
    );
    expect(withNamedDashes('dashing, a tire2 or Tiretown')).toBeUndefined();
    expect(withNamedDashes(`${' '.repeat(4_096)} dash `)).toBeUndefined();
  });
});
