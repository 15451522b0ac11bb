import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { describe, expect, it } from 'vitest';
import { linkBase } from '../links/base.ts';
import { linksOf, printLinks } from '../links/list.ts';
import { PLATFORMS } from '../links/platforms.ts';

const parsed = parseWorkspace(
  `workspace: acme
public_url: https://go.acme.example
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
placements:
  poster: { kind: print, account: wa, vanity: [metro], words: [BLUE], greetings: ["Hello there", "Hi there"] }
`,
  { file: 'acme.yaml', env: {}, readFile: () => '' },
);
if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
const links = linksOf([parsed.workspace], 'http://localhost:8080');

describe('links of a placement', () => {
  it('are under the address of the workspace', () => {
    expect(links).toMatchObject([
      {
        redirect: 'https://go.acme.example/t/acme/poster',
        short: ['https://go.acme.example/go/metro'],
        qr: { svg: 'https://go.acme.example/qr/acme/poster.svg' },
        words: ['BLUE'],
        greetings: { count: 2, nearest: 1, confusable: 1 },
      },
    ]);
    expect(linksOf([{ ...parsed.workspace, publicUrl: '' }], 'http://localhost:8080')[0]?.redirect).toBe(
      'http://localhost:8080/t/acme/poster',
    );
  });

  it('keep the placeholders of every platform as it writes them', () => {
    for (const { name, query } of PLATFORMS) {
      const template = links[0]!.templates[name]!;
      for (const [key, value] of query) expect(template).toContain(`${key}=${value}`);
      expect(query.some(([, value]) => /\{|__/.test(value))).toBe(true);
    }
  });

  it('say how far apart the greetings are, and only the platforms asked for', () => {
    const text = printLinks(links, ['tiktok']);
    expect(text).toContain('2, the nearest two 1 word apart; 1 pairs that one edited word makes one of the other');
    expect(text).toContain('__CAMPAIGN_ID__');
    expect(text).not.toContain('{campaignid}');
  });
});

describe('the address that links begin with', () => {
  it.each([
    ['https://go.acme.example', 'https://go.acme.example'],
    ['http://localhost:8080/', 'http://localhost:8080'],
    ['HTTPS://Go.Acme.example', 'https://go.acme.example'],
    ['go.acme.example', undefined],
    ['go.acme.example:8080', undefined],
    ['https://acme.example/go', undefined],
    ['https://acme.example/?x=1', undefined],
    ['javascript:alert(1)', undefined],
    ['file:///etc/passwd', undefined],
  ])('%s', (text, base) => {
    expect(linkBase(text)).toBe(base);
  });
});
