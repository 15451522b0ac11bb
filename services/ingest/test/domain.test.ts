import { randomBytes } from 'node:crypto';
import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { type Carrier, displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { botByUserAgent } from '../src/domain/bot.ts';
import { deviceOf } from '../src/domain/device.ts';
import { keepLanguageTags, readLanguages } from '../src/domain/language.ts';
import { messengerLink } from '../src/domain/link.ts';
import { readQuery } from '../src/domain/query.ts';
import { combineSources, hostOf, readSource } from '../src/domain/source.ts';
import { clip } from '../src/domain/text.ts';
import { pageUrl } from '../src/domain/url.ts';

describe('readQuery', () => {
  it('reads what URLSearchParams reads, of several values the first that is not empty', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })), { maxLength: 8 }),
        (pairs) => {
          const params = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]));
          const expected = new Map<string, string>();
          for (const [name, value] of params) if (!expected.get(name.toLowerCase())) expected.set(name.toLowerCase(), value);
          expect(new Map(readQuery(`/t/a/b?${params}#frag`))).toEqual(expected);
        },
      ),
    );
  });

  it('never throws and stays within its bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readQuery(`/?${text}`).size).toBeLessThanOrEqual(100);
      }),
    );
    expect(readQuery(`/?${'a=1&'.repeat(500)}`).size).toBe(1);
    expect(readQuery(`/?${Array.from({ length: 500 }, (_, i) => `k${i}=1`).join('&')}`).size).toBe(100);
  });

  it('reads what tools made of a link', () => {
    const read = (query: string) => Object.fromEntries(readQuery(`/t/a/b?${query}`));
    // Escaped for HTML twice, a second "?", an empty value of a template before the filled one.
    expect(read('utm_source=a&amp;utm_medium=cpc&amp;amp;utm_term=c')).toEqual({ utm_source: 'a', utm_medium: 'cpc', utm_term: 'c' });
    expect(read('x=1?utm_source=a?gclid=G?b')).toEqual({ x: '1', utm_source: 'a', gclid: 'G?b' });
    expect(read('?utm_source=a')).toEqual({ utm_source: 'a' });
    expect(read('utm_source=&utm_source=a&utm_source=b')).toEqual({ utm_source: 'a' });
    // A keyword as it was typed, and one in a code page of its own.
    expect(read('utm_term=50%%20off%20%D0%B4%D0%BE%D0%BC')).toEqual({ utm_term: '50% off дом' });
    expect(read('utm_term=%DF%ED+x&qa')).toEqual({ utm_term: '%DF%ED x', qa: '' });
  });

  it('knows requests without a query', () => {
    expect(readQuery('/t/a/b').size).toBe(0);
    expect(readQuery('/t/a/b?').size).toBe(0);
  });
});

describe('sources', () => {
  const own = readSource(new Map([['utm_campaign', 'c']]), undefined);
  const visit = readSource(
    new Map([
      ['utm_source', 'google'],
      ['utm_term', 't'],
      ['gclid', 'G'],
    ]),
    'https://www.google.com/',
  );

  it('have no value where nothing but placeholders stands, and none with what pasting left around it', () => {
    const read = (utm_campaign: string) => readSource(new Map([['utm_campaign', utm_campaign]]), undefined).utmCampaign;
    for (const unfilled of ['{campaign_id}|{ad_id}', '{{campaign.id}} - {{ad.id}}', `\${CAMPAIGN}`, '%%CAMPAIGN%%', '__CID__', '{a}{b}'])
      expect(read(unfilled), unfilled).toBe('');
    expect(read('spring_{campaign_id}')).toBe('spring_{campaign_id}');
    expect(read('100%_sure')).toBe('100%_sure');
    expect(read('|')).toBe('|');
    expect(read(' spring\r\n sale\u0000 ')).toBe('spring  sale');
  });

  it('of link and visit are not mixed', () => {
    expect(combineSources(own, visit, {})).toMatchObject({ utmSource: '', utmCampaign: 'c', utmTerm: '', clickIds: { gclid: 'G' } });
  });

  it('of the placement fill what is empty', () => {
    expect(combineSources(own, undefined, { utm_source: 'ads', utm_campaign: 'default' })).toMatchObject({
      utmSource: 'ads',
      utmCampaign: 'c',
    });
  });

  it('keep ids byte for byte', () => {
    expect(
      readSource(
        new Map([
          ['gclid', 'aBc-_.~'],
          ['fbclid', 'IwAR0'],
        ]),
        undefined,
      ).clickIds,
    ).toEqual({ gclid: 'aBc-_.~', fbclid: 'IwAR0' });
  });

  it.each([
    ['https://Sub.Example.COM:444/p?q', 'sub.example.com'],
    ['android-app://com.google.android.gm/', 'com.google.android.gm'],
    ['https://пример.рф/', 'xn--e1afmkfd.xn--p1ai'],
    ['about:blank', ''],
    ['nonsense', ''],
    ['https://user:pass@host.example/', 'host.example'],
  ])('host of %s', (referrer, host) => {
    expect(hostOf(referrer)).toBe(host);
  });
});

describe('devices', () => {
  it.each([
    ['Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15', 'ios'],
    ['Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'android'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36', 'desktop'],
    ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36', 'desktop'],
    ['', 'unknown'],
  ])('%s', (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device);
  });
});

describe('bots', () => {
  it.each([
    ['Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/442.0]', undefined],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300.0', undefined],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15', undefined],
    ['WhatsApp/2.23.20.0 A', 'link_preview'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'link_preview'],
    ['Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)', 'link_preview'],
    ['python-requests/2.31', 'user_agent'],
    ['Dalvik/2.1.0 (Linux; U; Android 13; SM-A137F)', 'user_agent'],
    ['SomeApp/335 CFNetwork/1496.0.7 Darwin/23.5.0', 'user_agent'],
    ['Dart/3.3 (dart:io)', 'user_agent'],
    ['Mozilla/5.0 (compatible; Some Monitor)', 'user_agent'],
    ['Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)', undefined],
    ['Mozilla/4.0 (compatible; ms-office; MSOffice 16)', 'link_preview'],
    ['Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)', 'link_preview'],
    ['', 'user_agent'],
  ])('%s', (userAgent, reason) => {
    expect(botByUserAgent(userAgent)).toBe(reason);
  });
});

describe('languages', () => {
  it.each([
    ['de-DE,de;q=0.9,en;q=0.8', ['de-DE', 'de', 'en']],
    ['en;q=0.1, ru, *;q=0.5', ['ru', 'en']],
    ['fr;q=0, es; q=0.4', ['es']],
    ['<script>, a-toolongsubtagx', []],
    ['', []],
  ])('%s', (header, tags) => {
    expect(readLanguages(header)).toEqual(tags);
  });

  it('are at most eight', () => {
    expect(readLanguages('aa,bb,cc,dd,ee,ff,gg,hh,ii,jj')).toHaveLength(8);
    expect(keepLanguageTags(Array.from({ length: 20 }, () => 'de'))).toHaveLength(8);
  });
});

describe('links', () => {
  it('survive any greeting', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter((text) => text.isWellFormed()),
        (greeting) => {
          const link = messengerLink(
            { channel: 'whatsapp', phone: '+491701234567' },
            { name: 'p', greetings: [greeting], codeTemplate: '{greeting} [{code}]', carriers: ['visible'] },
            'K7QM2X9PRT',
            0,
          );
          const url = new URL(link);
          const { text, ...number } = Object.fromEntries(url.searchParams);
          expect(text).toBe(`${greeting} [K7QM2-X9PRT]`);
          // wa.me breaks emoji on desktops; the address that it forwards to does not.
          if (url.host === 'wa.me')
            expect([url.pathname, number, /\p{Emoji_Presentation}/u.test(text!)]).toEqual(['/491701234567', {}, false]);
          else expect([url.host, url.pathname, number]).toEqual(['api.whatsapp.com', '/send', { phone: '491701234567' }]);
        },
      ),
    );
  });

  it('are the greeting in the template, whatever stands in either, and the same whenever they are made', () => {
    const piece = fc.oneof(
      fc.constantFrom('{code}', '{greeting}', '{', '}', '$&', '%', ' ', '😀', '\u2764\ufe0f', 'a', '\n'),
      fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        text,
        fc.option(fc.nat(3), { nil: undefined }),
        (greetings, template, variant) => {
          const placement = { name: 'p', greetings, codeTemplate: template, carriers: ['visible'] } as const;
          const greeting = variant === undefined ? '' : (greetings[variant] ?? '');
          for (const code of ['K7QM2X9PRT', 'A2B3C4D5E6']) {
            const draft = template.replace(/\{(greeting|code)\}/g, (_, name) => (name === 'code' ? displayCode(code) : greeting));
            const hasEmoji = /[\u{10000}-\u{10ffff}]|\p{Emoji_Presentation}|\ufe0f/u.test(draft);
            const start = hasEmoji ? 'https://api.whatsapp.com/send?phone=491701234567&text=' : 'https://wa.me/491701234567?text=';
            expect(messengerLink({ channel: 'whatsapp', phone: '+491701234567' }, placement, code, variant)).toBe(
              start + encodeURIComponent(draft),
            );
          }
        },
      ),
    );
  });

  const GREETING = 'Hello! I have a question';
  const account = { channel: 'whatsapp', phone: '+491701234567' } as const;

  it.each<[readonly Carrier[], string, readonly string[]]>([
    [['visible'], 'wa.me', ['visible']],
    [['emoji'], 'api.whatsapp.com', ['emoji']],
    [['invisible'], 'wa.me', ['invisible']],
    [['visible', 'emoji'], 'api.whatsapp.com', ['visible', 'emoji']],
    [['invisible', 'visible'], 'wa.me', ['visible', 'invisible']],
    [['invisible', 'emoji'], 'api.whatsapp.com', ['emoji', 'invisible']],
  ])('carry the code by %j and by nothing else, through %s', (carriers, host, read) => {
    const code = newCode(randomBytes);
    const placement = { name: 'p', greetings: [GREETING], codeTemplate: '{greeting} (no. {code})', carriers };
    const url = new URL(messengerLink(account, placement, code, 0));
    const text = url.searchParams.get('text') ?? '';
    expect(url.host).toBe(host);
    const alone = {
      visible: text.replace(/\p{Cf}|\p{Emoji_Presentation}/gu, ''),
      emoji: text.replace(/\p{Cf}/gu, '').replace(displayCode(code), ''),
      invisible: text.replace(/\p{Emoji_Presentation}/gu, '').replace(displayCode(code), ''),
    };
    const found = (['visible', 'emoji', 'invisible'] as const).filter((carrier) =>
      findCodes(alone[carrier]).some((each) => each.intact && each.code === code && each.carrier === carrier),
    );
    expect(found).toEqual(read);
    if (carriers.length === 1 && carriers[0] === 'invisible') expect(text.replace(/\p{Cf}/gu, '')).toBe(GREETING);
  });
});

describe('texts', () => {
  it('are cut to valid Unicode', () => {
    expect(clip('ab😀', 3)).toBe('ab\ufffd');
    expect(clip('\ud800x', 5)).toBe('\ufffdx');
    expect(clip('short', 10)).toBe('short');
  });

  it.each([
    ['https://a.example/p/a?token=1#x', 'https://a.example/p/a'],
    ['https://user:pw@a.example:8443/', 'https://a.example:8443/'],
    ['data:text/html,x', ''],
    ['/relative', ''],
  ])('page %s', (raw, url) => {
    expect(pageUrl(raw)).toBe(url);
  });
});
