// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { describe, expect, it } from 'vitest';
import { contactKey } from '../src/contact-key.ts';
import { epochRecords } from '../src/epoch-records.ts';
import { isNetwork, networkList } from '../src/internal-schema.ts';
import { parseWorkspace } from '../src/parse.ts';
import { formatProblem } from '../src/problem.ts';

const BASE = `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "12345678", app_secret: "\${S:-s}", verify_token: "\${V:-v}" }
  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${T:-t}" }
placements:
  try: { kind: redirect, account: wa }
  ad: { kind: redirect, account: wa }
`;
const PHONE = '+14155550142';

function parse(internal: string, env: Record<string, string> = {}) {
  return parseWorkspace(`${BASE}${internal}`, { file: 'acme.yaml', env, readFile: () => `${PHONE}\n+5511987654321\n` });
}

function workspace(internal: string, env?: Record<string, string>) {
  const parsed = parse(internal, env);
  if ('problems' in parsed) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.workspace;
}

function problems(internal: string, env?: Record<string, string>): readonly string[] {
  const parsed = parse(internal, env);
  return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

const key = (digits: string) => contactKey('acme', 'whatsapp', 'wa_id', digits);

describe('own people', () => {
  it('are pseudonyms from the moment the file is read, one per id the number may have', () => {
    const given = 'A'.repeat(22);
    const { internal } = workspace(
      `internal: { phones: [ \${STAFF}, \${file:/run/secrets/staff} ], telegram_users: [ \${TG} ], contacts: [ ${given} ] }\n`,
      { STAFF: `${PHONE}, +5215512345678;+5493415551234`, TG: '12345 67890' },
    );
    expect(internal.contacts.whatsapp).toEqual(
      [
        given,
        key('14155550142'),
        key('5215512345678'),
        key('5493415551234'),
        key('543415551234'),
        key('5511987654321'),
        key('551187654321'),
      ].sort(),
    );
    expect(internal.contacts.telegram).toEqual(
      [given, contactKey('acme', 'telegram', 'tg_user', '12345'), contactKey('acme', 'telegram', 'tg_user', '67890')].sort(),
    );
    expect(JSON.stringify(internal)).not.toContain('4155550142');
  });

  it('knows the Mexican id of a Mexican number', () => {
    expect(workspace('internal: { phones: [ ${N} ] }', { N: '+525512345678' }).internal.contacts.whatsapp).toEqual(
      [key('525512345678'), key('5215512345678')].sort(),
    );
  });

  it('go into the epochs of their channel, and a change of the list is a new revision', () => {
    const before = workspace('');
    const after = workspace('internal: { phones: [ ${N} ] }', { N: PHONE });
    expect(after.revision).not.toBe(before.revision);
    const lists = epochRecords([after], new Map(), 1).map(({ value }) => {
      const { kind } = Touchpoint.decode(value);
      return kind?.$case === 'epoch' ? kind.value.settings?.internalContactKeys : undefined;
    });
    expect(lists).toEqual([[key('14155550142')], []]);
  });

  it('are nobody without the section', () => {
    expect(workspace('').internal).toEqual({
      contacts: { whatsapp: [], telegram: [], messenger: [], instagram: [], vk: [], max: [] },
      visitors: [],
      placements: [],
      networks: [],
      parameter: '',
    });
  });
});

describe('problems of the section', () => {
  it('are listed all at once and repeat no number', () => {
    const found = problems(
      'internal: { phones: [ "+14155550142", ${BAD} ], telegram_users: [ 12345 ], contacts: [ short ], visitors: [ "a b" ], placements: [ try, gone ], networks: [ "203.0.113.0/40" ], parameter: utm_source, staf: 1 }\n',
      { BAD: '0151 1234567' },
    );
    expect(found).toHaveLength(9);
    expect(found.join('\n')).toMatch(/internal\.phones\.0: is personal data written out; put it into the environment/);
    expect(found.join('\n')).toMatch(/internal\.phones\.1: must be a reference to numbers in E\.164/);
    expect(found.join('\n')).toMatch(/internal\.telegram_users\.0: is personal data written out/);
    expect(found.join('\n')).toMatch(/internal\.contacts\.0: must be a contact key of 22 characters/);
    expect(found.join('\n')).toMatch(/internal\.visitors\.0: must be the visitor_id of a browser/);
    expect(found.join('\n')).toMatch(/internal\.placements\.1: names no placement of this file; its placements are: try, ad/);
    expect(found.join('\n')).toMatch(/internal\.networks\.0: must be an address or a network/);
    expect(found.join('\n')).toMatch(/internal\.parameter: must be the name of a query parameter/);
    expect(found.join('\n')).toMatch(/internal\.staf: is no key known here/);
    expect(found.join('\n')).not.toMatch(/4155550142|1234567/);
  });

  it('counts what stands inside a reference', () => {
    const many = Array.from({ length: 501 }, (_, index) => `+1415555${String(1000 + index)}`).join('\n');
    expect(problems('internal: { phones: [ ${MANY} ] }', { MANY: many })).toEqual(['internal.phones: must be at most 500 entries']);
  });

  it('says that a variable is missing, and not that its emptiness is no number', () => {
    expect(problems('internal: { phones: [ ${GONE} ] }')).toEqual([
      'internal.phones.0: the environment variable GONE is not set; set it, or write ${file:/path} to read the value from a file',
    ]);
  });
});

describe('own networks', () => {
  it.each(['203.0.113.7', '203.0.113.0/24', '2001:db8::/32', '::1', '0.0.0.0/0'])('%s is one', (network) => {
    expect(isNetwork(network)).toBe(true);
  });

  it.each(['', '203.0.113', '203.0.113.0/33', '2001:db8::/129', '203.0.113.0/24/1', 'example.com', '203.0.113.0/', '10.0.0.0/-1'])(
    '"%s" is none',
    (network) => {
      expect(isNetwork(network)).toBe(false);
    },
  );

  it('hold their addresses and no others', () => {
    const list = networkList(['203.0.113.0/24', '198.51.100.7', '2001:db8::/32']);
    expect([list.check('203.0.113.255'), list.check('198.51.100.7'), list.check('2001:db8:1::1', 'ipv6')]).toEqual([true, true, true]);
    expect([list.check('203.0.114.0'), list.check('198.51.100.8'), list.check('2001:db9::1', 'ipv6')]).toEqual([false, false, false]);
  });
});
