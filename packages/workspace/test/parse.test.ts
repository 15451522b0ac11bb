// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_KINDS } from '../src/accounts/account-kinds.ts';
import { parseWorkspace } from '../src/parse.ts';
import { formatProblem } from '../src/problem.ts';

const EXAMPLE = `workspace: acme
api_tokens: [ \${ACME_API_TOKEN} ]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922",
              app_secret: \${WA_APP_SECRET}, verify_token: \${WA_VERIFY_TOKEN}, access_token: \${WA_ACCESS_TOKEN} }
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: \${TG_TOKEN}, secret_token: \${TG_SECRET} }
  sign-wa:  { channel: whatsapp, provider: twilio, phone: "+14155550101", auth_token: \${TWILIO_TOKEN}, dedicated_to: metro-sign }
placements:
  site-button: { kind: site, account: sales-wa, carrier: visible, greetings: ["Hello! I have a question"], origins: ["https://acme.example"] }
  metro-sign:  { kind: qr, account: sales-wa, source: { utm_source: outdoor, utm_campaign: metro } }
destinations:
  crm: { type: webhook, url: https://crm.example/hooks/messtrack, secret: \${CRM_SECRET} }
routing:
  - { when: { source.utm_campaign: vip, probability: ">=0.8" }, set: { priority: high, department: vip, bot_script: vip } }
`;
const ENV_NAMES = [
  'ACME_API_TOKEN',
  'WA_APP_SECRET',
  'WA_VERIFY_TOKEN',
  'WA_ACCESS_TOKEN',
  'TG_TOKEN',
  'TG_SECRET',
  'TWILIO_TOKEN',
  'CRM_SECRET',
];
const ENV = Object.fromEntries(ENV_NAMES.map((name) => [name, `value-of-${name}`]));

function parse(yaml: string, env: Record<string, string> = ENV, files: Record<string, string> = {}) {
  return parseWorkspace(yaml, {
    file: 'acme.yaml',
    env,
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return content;
    },
  });
}

function problems(yaml: string, env?: Record<string, string>): string[] {
  const parsed = parse(yaml, env);
  return 'problems' in parsed ? parsed.problems.map(formatProblem) : [];
}

function workspace(yaml: string, env?: Record<string, string>, files?: Record<string, string>) {
  const parsed = parse(yaml, env, files);
  if ('problems' in parsed) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.workspace;
}

const MINIMAL = `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "12345678", app_secret: "\${S:-s}", verify_token: "\${V:-v}" }
`;

describe('the example of the design', () => {
  it('has nothing wrong with it', () => {
    expect(problems(EXAMPLE)).toEqual([]);
  });

  it('is told which providers there are when it names another', () => {
    const [problem] = problems(EXAMPLE.replace('provider: twilio', 'provider: pigeon'));
    expect(problem).toMatch(/^acme\.yaml:7 accounts\.sign-wa\.provider: must be one of the supported providers: whatsapp, telegram, /);
    expect(problem?.split(': ').at(-1)?.split(', ')).toEqual(ACCOUNT_KINDS.map(({ provider }) => provider));
  });

  it('is a workspace without that account', () => {
    const parsed = workspace(EXAMPLE.replace(/^ {2}sign-wa.*\n/m, ''));
    expect([...parsed.accounts.keys()]).toEqual(['sales-wa', 'sales-tg']);
    expect(parsed.apiTokens.map((token) => token.reveal())).toEqual(['value-of-ACME_API_TOKEN']);
    expect(parsed.accounts.get('sales-tg')).toMatchObject({ channel: 'telegram', username: 'acme_bot', dedicatedTo: undefined });
    expect(parsed.placements.get('metro-sign')).toMatchObject({
      carriers: ['visible'],
      greetings: ['Hello!'],
      codeTemplate: '{greeting} (request no. {code})',
      origins: [],
      source: { utm_source: 'outdoor', utm_campaign: 'metro' },
    });
    expect(parsed.privacy).toEqual({ keepText: false, keepPhone: false, keepName: false, keepIp: false });
    expect(parsed.matching).toEqual({ clickWindowMs: 30 * 86_400_000, returningWindowMs: 90 * 86_400_000 });
    expect(parsed.routing).toEqual([
      { when: { 'source.utm_campaign': 'vip', probability: '>=0.8' }, set: { priority: 'high', department: 'vip', bot_script: 'vip' } },
    ]);
    expect(parsed.destinations.get('crm')).toMatchObject({ type: 'webhook', url: 'https://crm.example/hooks/messtrack' });
  });
});

describe('the demonstration', () => {
  it('starts without any environment and warns of every default it takes for a secret', () => {
    const text = readFileSync(new URL('../../../examples/workspaces/demo.yaml', import.meta.url), 'utf8');
    const parsed = parse(text, {});
    if ('problems' in parsed) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    expect([...parsed.workspace.placements.keys()]).toEqual(['site-button', 'ad-redirect', 'tg-ad', 'metro-sign', 'emoji-ad', 'hidden-ad']);
    expect(parsed.workspace.accounts.get('sign-wa')?.dedicatedTo).toBe('metro-sign');
    expect(parsed.workspace.placements.get('tg-ad')?.carriers).toEqual(['start_payload']);
    expect(parsed.workspace.apiTokens[0]?.reveal()).toBe('demo-token');
    expect(parsed.warnings.map(({ path }) => path)).toEqual([
      'api_tokens.0',
      'accounts.sales-wa.app_secret',
      'accounts.sales-wa.verify_token',
      'accounts.sign-wa.app_secret',
      'accounts.sign-wa.verify_token',
      'accounts.sales-tg.secret_token',
    ]);
  });
});

describe('messages', () => {
  it('list everything that is wrong, in the order of the file', () => {
    expect(
      problems(
        `workspace: Acme
api_token: [ abc ]
api_tokens: [ abc, \${GONE} ]
accounts:
  Sales: { channel: whatsapp, provider: whatsapp, phone: 123, phonenumberid: "1", app_secret: x, verify_token: 5 }
  tg: { channel: whatsapp, provider: telegram, usrname: acme_bot, secret_token: \${file:/nope} }
  z: 5
placements:
  a:
    kind: foo
    account: none
    carrier: visible
    greetings: [" a", ""]
    origins: ["https://acme.example/x"]
    source: { utm: 1 }
    code_template: "{code}"
  b: { kind: qr, account: tg, carrier: visible }
privacy: { keep_text: yes }
matching: { click_window: 3m, returning_window: 500d }
destinations:
  crm: { type: webhook, url: "http://crm.example", secret: abc }
routing:
  - { if: {}, set: { a: [] } }
`,
        {},
      ),
    ).toMatchSnapshot();
  });

  it.each([
    ['', 'acme.yaml:1: is empty; begin with "workspace: NAME"'],
    ['- a\n', 'acme.yaml:1: must be a map that begins with "workspace: NAME"'],
    ['workspace: acme\n', 'acme.yaml:1 accounts: is missing; write a map of accounts by name'],
    [`${MINIMAL}__proto__: { a: 1 }\n`, 'acme.yaml:4 __proto__: is no key that may be used; choose another'],
    [
      `${MINIMAL}placements:\n  a: { kind: site, account: wa, greetings: [] }\n`,
      'acme.yaml:5 placements.a.greetings: must hold at least one greeting, such as ["Hello! I have a question"]: the code travels in its text. Without the key it is "Hello!"',
    ],
    [
      `${MINIMAL}placements:\n  a: { kind: site, account: wa, carrier: start_payload }\n`,
      'acme.yaml:5 placements.a.carrier: must be visible, emoji or invisible, or a list of them: links to WhatsApp carry nothing but text, there is no start payload',
    ],
    [
      `${MINIMAL}  wb: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "12345678", app_secret: "\${S:-s}", verify_token: "\${V:-v}", dedicated_to: gone }\n`,
      'acme.yaml:4 accounts.wb.dedicated_to: names no placement of this file; there are no placements yet',
    ],
    [
      `${MINIMAL}  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${T:-has spaces}" }\n`,
      'acme.yaml:4 accounts.tg.secret_token: must resolve to 1 to 256 characters of A-Z, a-z, 0-9, "_" and "-": Telegram accepts no others in secret_token',
    ],
    [
      `${MINIMAL}placements:\n  a: { kind: site, account: wa, greetings: ["\\ud800"] }\n`,
      'acme.yaml:5 placements.a.greetings.0: must not hold half a surrogate pair (\\ud800 to \\udfff alone): it cannot stand in a link',
    ],
  ])('first of %j', (yaml, message) => {
    expect(problems(yaml, {})[0]).toBe(message);
  });

  it('point at the number that is written twice', () => {
    const twice = `${MINIMAL}  wb: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "12345678", app_secret: "\${S:-s}", verify_token: "\${V:-v}" }\n`;
    expect(problems(twice)).toEqual(['acme.yaml:4 accounts.wb.phone_number_id: is also that of account wa; one number is one account']);
  });

  it('say where YAML itself breaks', () => {
    expect(problems('workspace: acme\naccounts: { a: [ }\n')[0]).toMatch(/^acme\.yaml:2: is not valid YAML: /);
    expect(problems('workspace: acme\nworkspace: acme\naccounts: {}\n')[0]).toMatch(/^acme\.yaml:2: is not valid YAML: .*unique/);
  });

  it('end a bomb of aliases', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`;
    expect(problems(bomb)[0]).toMatch(/is not usable YAML/);
  });

  it('never hold a resolved value or a secret', () => {
    const text = EXAMPLE.replace('"+14155550100"', '${WA_APP_SECRET}')
      .replace('app_secret: ${WA_APP_SECRET}', 'app_secret: literal-secret')
      .replace('acme_bot', '${TG_TOKEN}');
    const found = problems(text);
    expect(found.length).toBeGreaterThanOrEqual(3);
    expect(found.join('\n')).not.toMatch(/value-of|literal-secret/);
  });
});

describe('secrets', () => {
  it('are printed by nothing', () => {
    const parsed = workspace(MINIMAL, { S: 'app-secret-value', V: 'verify-value' });
    const account = parsed.accounts.get('wa')!;
    expect(account.provider === 'whatsapp' && account.appSecret.reveal()).toBe('app-secret-value');
    for (const text of [
      JSON.stringify([...parsed.accounts]),
      inspect(parsed, { depth: 9, showHidden: true }),
      `${Object.values(account).join()}`,
    ]) {
      expect(text).not.toMatch(/secret-value|verify-value/);
    }
  });

  it('may come from files, without the newline an editor adds', () => {
    const parsed = workspace(MINIMAL.replace('"${S:-s}"', '${file:/run/secrets/wa}'), {}, { '/run/secrets/wa': 'from file\n' });
    const account = parsed.accounts.get('wa')!;
    expect(account.provider === 'whatsapp' && account.appSecret.reveal()).toBe('from file');
  });
});

describe('the revision', () => {
  const base = workspace(MINIMAL).revision;

  it('is 16 hexadecimal characters and does not depend on order or secrets', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect(workspace(MINIMAL, { S: 'other' }).revision).toBe(base);
    expect(workspace(MINIMAL.replace('channel: whatsapp, provider: whatsapp', 'provider: whatsapp, channel: whatsapp')).revision).toBe(
      base,
    );
  });

  it.each(['matching: { click_window: 5d }', 'privacy: { keep_ip: true }', 'placements: { a: { kind: qr, account: wa } }'])(
    'changes with %s',
    (more) => {
      expect(workspace(`${MINIMAL}${more}\n`).revision).not.toBe(base);
    },
  );
});
