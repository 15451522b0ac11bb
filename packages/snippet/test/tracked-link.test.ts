import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { renderMessageText, type TextCarrier } from '@messtrack/tracking-code/message-text.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLink } from '../src/page/messenger-link.ts';
import { placementOf, trackLink } from '../src/page/tracked-link.ts';
import { formsFor, placementSettings } from '../src/workspace-settings.ts';

const GREETINGS = ['Hello! I have a question', 'Good day, tell me $& more', "It's 100 % you & me?"];

function placement(carriers: readonly TextCarrier[], greetings = GREETINGS) {
  return placementSettings({ name: 'shop', greetings, origins: [] }, (linked, code, greeting) => {
    const text = renderMessageText({
      greeting: linked.greetings[greeting ?? 0] ?? '',
      code,
      template: '{greeting} (no. {code})',
      carriers,
    });
    return `https://wa.me/14155550100?text=${encodeURIComponent(text ?? linked.greetings[greeting ?? 0] ?? '')}`;
  });
}

const ALL: readonly (readonly TextCarrier[])[] = [
  ['visible'],
  ['emoji'],
  ['invisible'],
  ['visible', 'emoji'],
  ['visible', 'invisible'],
  ['visible', 'emoji', 'invisible'],
];
const track = (original: string, settings: ReturnType<typeof placement>, isInApp = false) =>
  trackLink(original, settings, readLink(original)?.to === settings.to, formsFor([settings]), isInApp);
const textOf = (href: string) => new URL(href).searchParams.get('text') ?? '';

describe('a tracked link', () => {
  it('carries by every carrier exactly what ingest would have written', () => {
    for (const carriers of ALL) {
      const settings = placement(carriers);
      for (let round = 0; round < 20; round += 1) {
        const { href, code, greeting } = track('https://wa.me/14155550100', settings);
        expect(textOf(href)).toBe(
          renderMessageText({ greeting: GREETINGS[greeting!]!, code, template: '{greeting} (no. {code})', carriers }),
        );
      }
    }
  });

  it('in any text of the site is found again where the text has room for it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.lorem({ maxCount: 5 }), (carriers, words) => {
        fc.pre(words.includes(' '));
        const { href, code, greeting } = track(`https://wa.me/14155550100?text=${encodeURIComponent(words)}`, placement(carriers));
        expect(greeting).toBeUndefined();
        expect(findCodes(textOf(href)).map((found) => ({ code: found.code, intact: found.intact }))).toContainEqual({ code, intact: true });
        if (carriers[0] === 'visible') expect(textOf(href).replace(/\u200c|\u200d|[\u2061-\u2064]/g, '')).toContain(words);
      }),
      { numRuns: 300 },
    );
  });

  it("knows a site's text that is one of the greetings", () => {
    for (const carriers of ALL) {
      const { greeting } = track(`https://wa.me/14155550100?text=${encodeURIComponent(GREETINGS[1]!)}`, placement(carriers));
      expect(greeting).toBe(1);
    }
  });

  it('shows every greeting about as often', () => {
    const settings = placement(['visible']);
    const counts = [0, 0, 0];
    for (let round = 0; round < 3_000; round += 1) counts[track('', settings).greeting!]! += 1;
    // Six standard deviations.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(155);
  });

  it('of a bot carries the payload, and the one the site chose where there is one', () => {
    const settings = placementSettings(
      { name: 'shop', greetings: [], origins: [] },
      ({ name }, code) => `https://t.me/Acme_Bot?start=${encodeStartPayload(code, name)}`,
    );
    const tracked = track('tg://resolve?domain=acme_bot', settings);
    expect(tracked.href).toBe(`tg://resolve?domain=acme_bot&start=${tracked.code}_shop`);
    expect(track('tg://resolve?domain=acme_bot', settings, true).href).toMatch(/^https:\/\/t\.me\/Acme_Bot\?start=\w{10}_shop$/);
    expect(track('https://t.me/acme_bot?start=promo', settings).href).toBe('https://t.me/acme_bot?start=promo');
    expect(track('#', settings).href).toMatch(/^https:\/\/t\.me\/Acme_Bot\?start=/);
    expect(placementOf('https://t.me/ACME_BOT', [settings])).toBe(settings);
    expect(readLink(settings.base)?.to).toBe(settings.to);
  });

  it('with emoji leaves the form that garbles them', () => {
    const settings = { ...placement(['emoji']), base: 'https://api.whatsapp.com/send?phone=14155550100' };
    expect(track('https://wa.me/14155550100', settings).href).toMatch(/^https:\/\/api\.whatsapp\.com\/send\?phone=14155550100&text=/);
    expect(track('whatsapp://send?phone=14155550100', settings).href).toMatch(/^whatsapp:\/\/send\?phone=14155550100&text=/);
  });

  it('of a placement with very many greetings uses those that a page got', () => {
    const settings = placement(
      ['visible'],
      Array.from({ length: 64 }, (_, index) => `Greeting number ${index}`),
    );
    expect(settings.values).toHaveLength(25);
    for (let round = 0; round < 100; round += 1) expect(track('', settings).greeting).toBeLessThan(24);
  });
});
