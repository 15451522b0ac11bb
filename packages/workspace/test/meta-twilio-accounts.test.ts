// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { describe, expect, it } from 'vitest';
import { workspaceJsonSchema } from '../src/json-schema.ts';
import { parseWorkspace } from '../src/parse.ts';
import { formatProblem } from '../src/problem.ts';

const ENV = { A: 'secret-a-0123456789', B: 'secret-b-0123456789', V: 'verify-0123456789' };

function parse(account: string, env: Readonly<Record<string, string>> = ENV) {
  return parseWorkspace(`workspace: acme\naccounts:\n  one: { ${account} }\n`, { file: 'acme.yaml', env, readFile: () => '' });
}

function problems(account: string): readonly string[] {
  const parsed = parse(account);
  return 'problems' in parsed ? parsed.problems.map(formatProblem) : [];
}

function revision(account: string, env?: Readonly<Record<string, string>>): string {
  const parsed = parse(account, env);
  if ('problems' in parsed) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.workspace.revision;
}

const PAGE = 'channel: messenger, provider: messenger, page_id: "108340567232421", app_secret: "${A}", verify_token: "${V}"';
const INSTAGRAM = 'channel: instagram, provider: instagram, instagram_id: "17841405822304914", app_secret: "${A}", verify_token: "${V}"';
const DIALOG = 'channel: whatsapp, provider: 360dialog, phone: "+14155550100", phone_number_id: "106540352242922"';
const TWILIO = 'channel: whatsapp, provider: twilio, phone: "+14155550100", auth_token: "${A}"';

describe('accounts of several apps', () => {
  it('hold every secret, in envelopes, and a secret that is replaced changes no revision', () => {
    const parsed = parse(`${PAGE}, other_app_secrets: ["\${B}"]`);
    const account = 'problems' in parsed ? undefined : parsed.workspace.accounts.get('one');
    if (account?.provider !== 'messenger') throw new Error('no account came out');
    expect([account.appSecret, ...account.otherAppSecrets].map((secret) => secret.reveal())).toEqual([ENV.A, ENV.B]);
    expect(JSON.stringify(account)).not.toMatch(/secret-[ab]/);
    expect(account.username).toBe('108340567232421');
    const withBoth = revision(`${PAGE}, other_app_secrets: ["\${B}"]`);
    expect(withBoth).toBe(revision(`${PAGE}, other_app_secrets: ["\${B}"]`, { ...ENV, B: 'the-next-secret-0123' }));
    expect(withBoth).toBe(revision(PAGE));
  });

  it('refuse a secret written out in the list, too many, and what is no list', () => {
    expect(problems(`${PAGE}, other_app_secrets: [literal]`)).toEqual([
      expect.stringMatching(/^acme\.yaml:3 accounts\.one\.other_app_secrets\.0: is a secret written out/),
    ]);
    expect(problems(`${PAGE}, other_app_secrets: [${Array.from({ length: 6 }, () => '"${B}"').join(', ')}]`)).toEqual([
      expect.stringMatching(/must be at most 5 secrets/),
    ]);
    expect(problems(`${PAGE}, other_app_secrets: { a: b }`)[0]).toMatch(/must be a list of references/);
  });
});

describe('an account', () => {
  it.each([
    ['at 360dialog without any proof', DIALOG, /webhook_token: is missing; write webhook_token, or platform_secret/],
    ['at Instagram without name', INSTAGRAM, /username: is missing; write the Instagram user name/],
    [
      'at Twilio with an address that has a query',
      `${TWILIO}, public_url: "https://a.example/?x=1"`,
      /public_url: must be the address before/,
    ],
    ['at Twilio with an address of another kind', `${TWILIO}, public_url: "ftp://a.example"`, /public_url: must be the address before/],
    [
      'of a channel that its provider does not have',
      TWILIO.replace('channel: whatsapp', 'channel: telegram'),
      /channel: must be "whatsapp"/,
    ],
  ])('%s is told what is wrong', (_, account, expected) => {
    expect(problems(account)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ['at 360dialog with either proof', `${DIALOG}, webhook_token: "\${A}"`],
    ['at 360dialog of a partner', `${DIALOG}, platform_secret: "\${A}"`],
    ['at Twilio behind a path', `${TWILIO}, public_url: "https://a.example/gateway/"`],
    ['at Gupshup', 'channel: whatsapp, provider: gupshup, phone: "+14155550100", app: DemoApp, webhook_token: "${A}"'],
    ['at Messenger with a name', `${PAGE}, username: acme.page`],
    ['at Instagram', `${INSTAGRAM}, username: acme_shop`],
  ])('%s is taken', (_, account) => {
    expect(problems(account)).toEqual([]);
  });

  it('of which two name the same page is a problem', () => {
    const two = `workspace: acme\naccounts:\n  one: { ${PAGE} }\n  two: { ${PAGE} }\n`;
    const parsed = parseWorkspace(two, { file: 'acme.yaml', env: ENV, readFile: () => '' });
    expect('problems' in parsed && parsed.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/accounts\.two\.page_id: is also that of account one/),
    ]);
  });
});

it('a placement on a page links by its payload, and is told so when it asks for a code in the text', () => {
  const file = (carrier: string) =>
    `workspace: acme\naccounts:\n  one: { ${PAGE} }\nplacements:\n  button: { kind: site, account: one${carrier} }\n`;
  const read = (carrier: string) => parseWorkspace(file(carrier), { file: 'acme.yaml', env: ENV, readFile: () => '' });
  const plain = read('');
  expect('workspace' in plain && plain.workspace.placements.get('button')).toMatchObject({ greetings: [] });
  const visible = read(', carrier: visible');
  expect('problems' in visible && visible.problems.map(formatProblem).join()).toMatch(/carr?ier.*links to Messenger carry no text/);
});

it('editors are told that secrets in lists are references', () => {
  const text = JSON.stringify(workspaceJsonSchema());
  expect(text).toMatch(/"other_app_secrets":\{[^}]*"type":"array","items":\{[^}]*"pattern":"\^\\\\\$/);
});
