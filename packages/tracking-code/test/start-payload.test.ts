import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStartPayload, parseStartCommand } from '../src/start-payload.ts';
import { newCode } from '../src/tracking-code.ts';

describe('encodeStartPayload', () => {
  it('keeps to the alphabet, the length and away from the reserved prefix', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (placement) => {
        const code = newCode(randomBytes);
        const payload = encodeStartPayload(code, placement);
        expect(payload).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(payload.startsWith('_tgr_')).toBe(false);
        expect(parseStartCommand(`/start ${payload}`).code).toEqual({ code, carrier: 'start_payload', intact: true });
      }),
    );
  });

  it('carries the placement when it fits and drops it when it does not', () => {
    const code = newCode(randomBytes);
    expect(encodeStartPayload(code, 'metro-sign')).toBe(`${code}_metro-sign`);
    expect(encodeStartPayload(code, 'x'.repeat(54))).toBe(code);
    expect(encodeStartPayload(code, 'знак')).toBe(code);
  });
});

describe('parseStartCommand', () => {
  const code = newCode(randomBytes);

  it('reads every form Telegram sends', () => {
    for (const text of [
      `/start ${code}`,
      `/start@acme_bot ${code}`,
      `/START ${code}`,
      `/start  ${code.toLowerCase()} `,
      `/start ${code}_site-button`,
    ])
      expect(parseStartCommand(text).code, text).toEqual({ code, carrier: 'start_payload', intact: true });
  });

  it('reads the bare command', () => {
    for (const text of ['/start', '/start ', '/start@acme_bot', '/Start\n'])
      expect(parseStartCommand(text)).toEqual({ isStart: true, payload: '' });
  });

  it('keeps foreign payloads as they are', () => {
    for (const payload of ['abc', 'ref_12345', 'utm-google_campaign-7', 'dXRtX3NvdXJjZT1nb29nbGU', 'A'.repeat(64)])
      expect(parseStartCommand(`/start ${payload}`)).toEqual({ isStart: true, payload });
  });

  it('marks a retyped code with a wrong symbol as damaged', () => {
    const wrong = code.slice(0, 9) + (code[9] === 'X' ? 'Y' : 'X');
    const read = parseStartCommand(`/start ${wrong}`);
    expect(read.payload).toBe(wrong);
    if (read.code !== undefined) expect(read.code).toEqual({ code: wrong, carrier: 'start_payload', intact: false });
  });

  it('takes no other text for the command', () => {
    for (const text of [
      'start',
      '/started',
      '/start a b',
      '/start a.b',
      `/start ${'a'.repeat(65)}`,
      '/startgroup x',
      'say /start',
      '/help',
      '',
    ])
      expect(parseStartCommand(text)).toEqual({ isStart: false, payload: '' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseStartCommand(`/start${text}`)));
  });
});
