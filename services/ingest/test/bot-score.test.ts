import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecentClicks } from '../src/adapters/recent-clicks.ts';
import { BOT_SIGNS, type BotEvidence, type BotSign, botScore } from '../src/domain/bot-score.ts';
import { isPrivateAddress } from '../src/domain/private-address.ts';

const CHROME_ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const CHROME_WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const SAFARI_IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const BRANDS = '"Not/A)Brand";v="8", "Chromium";v="126", "Google Chrome";v="126"';

/** Chrome on a telephone, as it asks when a link is tapped. */
const PERSON: BotEvidence = {
  isKnownProgram: false,
  userAgent: CHROME_ANDROID,
  hasDevice: true,
  acceptLanguage: 'de-DE,de;q=0.9',
  acceptEncoding: 'gzip, deflate, br, zstd',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  isNavigation: true,
  fetchMode: 'navigate',
  brands: BRANDS,
  platform: '"Android"',
  mobile: '?1',
  network: 'mobile',
  recent: 1,
};

function signs(part: Partial<BotEvidence>): readonly BotSign[] {
  return botScore({ ...PERSON, ...part }).signs;
}

describe('people', () => {
  const noHints = { brands: '', platform: '', mobile: '' };
  it.each<readonly [string, Partial<BotEvidence>]>([
    ['Chrome on a telephone', {}],
    ['Safari, which has no client hints', { userAgent: SAFARI_IPHONE, ...noHints }],
    [
      'Firefox on a desktop',
      { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0', ...noHints, network: 'fixed' },
    ],
    ['Chrome over plain HTTP, which sends no hints either', noHints],
    ['Chrome on Windows', { userAgent: CHROME_WINDOWS, platform: '"Windows"', mobile: '?0', network: 'fixed' }],
    [
      'a telephone that asks for the desktop site',
      { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36', mobile: '?0' },
    ],
    ['a platform that is not listed', { platform: '"Fuchsia"' }],
    ['a beacon, which takes any answer', { accept: '*/*', isNavigation: false }],
    ['a browser of before Sec-Fetch-Mode', { fetchMode: '' }],
    ['a beacon, which a script sends', { fetchMode: 'cors', isNavigation: false }],
    ['a VPN', { network: 'vpn' }],
    ['a network nobody knows', { network: 'unknown' }],
    ['four taps in a row', { recent: 4 }],
  ])('%s shows no sign', (_, part) => {
    expect(botScore({ ...PERSON, ...part })).toEqual({ score: 0, signs: [] });
  });
});

describe('signs', () => {
  it.each<readonly [BotSign, Partial<BotEvidence>]>([
    ['known_program', { isKnownProgram: true }],
    ['headless', { userAgent: CHROME_WINDOWS, platform: '"Windows"', mobile: '?0', brands: '"HeadlessChrome";v="126"' }],
    ['contradiction', { userAgent: CHROME_WINDOWS, mobile: '?0', platform: '"Linux"' }],
    ['contradiction', { userAgent: CHROME_WINDOWS, platform: '"Windows"' }],
    ['contradiction', { userAgent: SAFARI_IPHONE }],
    ['not_opened', { fetchMode: 'no-cors' }],
    ['not_opened', { fetchMode: 'cors' }],
    ['burst', { recent: 5 }],
    ['burst', { recent: 15 }],
    ['fast_burst', { recent: 16 }],
    ['no_language', { acceptLanguage: '' }],
    ['no_encoding', { acceptEncoding: '' }],
    ['no_encoding', { acceptEncoding: 'identity' }],
    ['any_accept', { accept: '*/*' }],
    ['any_accept', { accept: '' }],
    ['data_centre', { network: 'hosting' }],
    ['odd_user_agent', { hasDevice: false }],
  ])('%s is found alone, and weighs what is written', (sign, part) => {
    expect(botScore({ ...PERSON, ...part })).toEqual({ score: BOT_SIGNS[sign], signs: [sign] });
  });

  it('has every sign under test', () => {
    const all = botScore({
      ...PERSON,
      isKnownProgram: true,
      brands: '"HeadlessChrome";v="1"',
      platform: '"Windows"',
      hasDevice: false,
      acceptLanguage: '',
      acceptEncoding: '',
      accept: '',
      fetchMode: 'cors',
      network: 'hosting',
      recent: 5,
    });
    expect(all.signs).toEqual(Object.keys(BOT_SIGNS).filter((sign) => sign !== 'fast_burst'));
  });

  it('add up as chances that one of them is right', () => {
    // A script with a copied user agent, from a rented server: 1 − .55 · .65 · .65 · .6 = .86.
    const script = {
      acceptLanguage: '',
      acceptEncoding: '',
      accept: '*/*',
      network: 'hosting',
      brands: '',
      platform: '',
      mobile: '',
    } as const;
    expect(botScore({ ...PERSON, ...script })).toEqual({
      score: 0.86,
      signs: ['no_language', 'no_encoding', 'any_accept', 'data_centre'],
    });
  });

  it('stay from 0 to 1 in hundredths, whatever is sent, and more signs never make a person of it', () => {
    const text = fc.oneof(fc.constantFrom('', BRANDS, '"Windows"', '?1', CHROME_ANDROID, CHROME_WINDOWS, 'gzip', 'text/html'), fc.string());
    const evidence = fc.record({
      isKnownProgram: fc.boolean(),
      userAgent: text,
      hasDevice: fc.boolean(),
      acceptLanguage: text,
      acceptEncoding: text,
      accept: text,
      isNavigation: fc.boolean(),
      fetchMode: text,
      brands: text,
      platform: text,
      mobile: text,
      network: fc.constantFrom('unknown' as const, 'fixed' as const, 'mobile' as const, 'hosting' as const, 'vpn' as const),
      recent: fc.nat(40),
    });
    fc.assert(
      fc.property(evidence, (each) => {
        const { score, signs: found } = botScore(each);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(Math.round(score * 100)).toBeCloseTo(score * 100, 9);
        expect(score === 0).toBe(found.length === 0);
        expect(botScore({ ...each, isKnownProgram: true }).score).toBe(1);
        expect(botScore({ ...each, acceptLanguage: '' }).score).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it('never doubts a user agent without hints for having none', () => {
    expect(signs({ userAgent: CHROME_WINDOWS, brands: '', platform: '', mobile: '' })).toEqual([]);
  });
});

describe('recent requests', () => {
  it('are counted per key, in windows of ten seconds that begin with the first', () => {
    const recent = createRecentClicks();
    expect([0, 1, 9_999].map((at) => recent.count('a', 1_000 + at))).toEqual([1, 2, 3]);
    expect(recent.count('b', 1_500)).toBe(1);
    expect(recent.count('a', 11_000)).toBe(1);
    expect(recent.count('a', 11_001)).toBe(2);
  });

  it('begin again when the clock goes back', () => {
    const recent = createRecentClicks();
    recent.count('a', 50_000);
    expect(recent.count('a', 20_000)).toBe(1);
  });

  it('forget the longest unseen when there are too many keys', () => {
    const recent = createRecentClicks();
    recent.count('first', 0);
    for (let index = 0; index < 10_000; index += 1) recent.count(`k${index}`, 1);
    expect(recent.count('first', 2)).toBe(1);
  });
});

describe('addresses of nobody on the internet', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
  ])('%s is one', (ip) => {
    expect(isPrivateAddress(ip)).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '192.169.0.1',
    '128.0.0.1',
    '2001:db8::1',
    '::11',
    'fbff::1',
    '',
  ])('%s is none', (ip) => {
    expect(isPrivateAddress(ip)).toBe(false);
  });
});
