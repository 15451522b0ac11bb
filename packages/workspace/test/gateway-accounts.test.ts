// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';

const ENV = { T: 'a-token-of-24-characters', SHORT: 'short' };

function parse(accounts: string, placement = '') {
  const text = `workspace: acme\naccounts:\n${accounts}\n${placement === '' ? '' : `placements:\n  p: ${placement}\n`}`;
  return parseWorkspace(text, { file: 'acme.yaml', env: ENV, readFile: () => '' });
}

function problems(accounts: string, placement?: string): readonly string[] {
  const result = parse(accounts, placement);
  return 'problems' in result ? result.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

function workspace(accounts: string, placement?: string) {
  const result = parse(accounts, placement);
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

const WAZZUP = 'provider: wazzup, channel_id: c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e, webhook_token: "${T}"';
const LINKED: readonly (readonly [string, string])[] = [
  ['waha', 'channel: whatsapp, provider: waha, phone: "+14155550100", hmac_key: "${T}"'],
  ['evolution', 'channel: whatsapp, provider: evolution, phone: "+14155550100", api_key: "${T}"'],
  ['z-api', 'channel: whatsapp, provider: z-api, phone: "+14155550100", instance_id: A20DA9C0183A2D35, webhook_token: "${T}"'],
  ['green-api', 'channel: whatsapp, provider: green-api, phone: "+14155550100", instance_id: "7103000000", webhook_token: "${T}"'],
];

describe.each(LINKED)('a linked device at %s', (_, keys) => {
  it('needs the risk of a ban to be accepted in so many words', () => {
    for (const written of ['', ', accept_ban_risk: false', ', accept_ban_risk: "yes"']) {
      const [problem, ...others] = problems(`  a: { ${keys}${written} }`);
      expect(others).toEqual([]);
      expect(problem).toMatch(/^accounts\.a\.accept_ban_risk: (is missing; write|must be) true: .*bans such numbers/);
    }
    expect(problems(`  a: { ${keys}, accept_ban_risk: true }`)).toEqual([]);
  });
});

describe('proofs', () => {
  it.each([
    ['provider: waha', 'hmac_key', 'hmac_key or webhook_token'],
    ['provider: evolution', 'webhook_token', 'webhook_token or api_key'],
  ])('of %s: one of them must be there', (provider, path, keys) => {
    expect(problems(`  a: { channel: whatsapp, ${provider}, phone: "+14155550100", accept_ban_risk: true }`)).toEqual([
      `accounts.a.${path}: is missing; write ${keys}: without one anybody could send webhooks`,
    ]);
  });

  it('shorter than 16 characters are refused, and so is one that is written out', () => {
    const written = (token: string) => problems(`  a: { channel: whatsapp, phone: "+14155550100", ${WAZZUP.replace('"${T}"', token)} }`);
    expect(written('"${SHORT}"')).toEqual([
      'accounts.a.webhook_token: must resolve to at least 16 characters: it is all that tells the webhooks from those of strangers',
    ]);
    expect(written('a-token-of-24-characters')).toHaveLength(1);
  });

  it('show nowhere', () => {
    const account = workspace(`  a: { channel: whatsapp, phone: "+14155550100", ${WAZZUP} }`).accounts.get('a');
    expect(JSON.stringify(account)).not.toContain(ENV.T);
  });
});

describe('what links are made of', () => {
  it.each([
    ['whatsapp', '', 'accounts.a.phone: is missing; write the number in E.164, in quotes, such as "+14155550100": links lead to it'],
    ['telegram', '', 'accounts.a.username: is missing; write the user name of the account without "@": links lead to it'],
    ['whatsapp', ', phone: "+14155550100", username: acme', 'accounts.a.username: has no meaning for the channel whatsapp; remove it'],
    ['vk', ', phone: "+14155550100", username: acme', 'accounts.a.phone: has no meaning for the channel vk; remove it'],
    ['viber', ', phone: "+14155550100"', 'accounts.a.channel: must be one of: whatsapp, telegram, instagram, vk'],
  ])('for %s%s', (channel, keys, problem) => {
    expect(problems(`  a: { channel: ${channel}, ${WAZZUP}${keys} }`)).toContain(problem);
  });

  it.each([
    ['whatsapp', 'phone: "+14155550100"', ['visible']],
    // Links to a person's Telegram carry a draft, only those to bots have `start`.
    ['telegram', 'username: acme_sales', ['visible']],
    ['instagram', 'username: acme.shop', ['start_payload']],
    ['vk', 'username: acme', ['start_payload']],
  ])('a code travels to %s at a gateway by %s', (channel, reach, carriers) => {
    const { placements } = workspace(`  a: { channel: ${channel}, ${WAZZUP}, ${reach} }`, '{ kind: redirect, account: a }');
    expect(placements.get('p')?.carriers).toEqual(carriers);
  });

  it('a code travels to VK and MAX in the link', () => {
    const accounts = `  v: { channel: vk, provider: vk, username: acme, group_id: "206768104", confirmation: a1b2c3d4, secret_key: "\${T}" }
  m: { channel: max, provider: max, username: acme_bot, webhook_token: "\${T}" }`;
    for (const account of ['v', 'm'])
      expect(workspace(accounts, `{ kind: redirect, account: ${account} }`).placements.get('p')?.carriers).toEqual(['start_payload']);
  });
});

describe('ids by which payloads name accounts', () => {
  it('are of one account', () => {
    const two = `  a: { channel: whatsapp, phone: "+14155550100", ${WAZZUP} }\n  b: { channel: whatsapp, phone: "+14155550101", ${WAZZUP} }`;
    expect(problems(two)).toEqual(['accounts.b.channel_id: is also that of account a; one number is one account']);
  });

  it('may be shared where they are names within an installation, or of several messengers of a licence', () => {
    const chatapp = (channel: string, reach: string) =>
      `{ channel: ${channel}, provider: chatapp, license_id: "1229", webhook_token: "\${T}", ${reach} }`;
    const { accounts } = workspace(
      `  a: ${chatapp('whatsapp', 'phone: "+14155550100"')}\n  b: ${chatapp('telegram', 'username: acme_sales')}`,
    );
    expect([...accounts.values()].map(({ receiver }) => receiver)).toEqual(['1229/whatsapp', '1229/telegram']);
  });
});
