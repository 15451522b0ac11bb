import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lazyAddresses, whereaboutsOf } from '../match/addresses.ts';
import type { ClickLine } from '../match/click-line.ts';
import { readClickLine } from '../match/click-line.ts';
import { LineFields } from '../match/line-fields.ts';
import { readMessageLine } from '../match/message-line.ts';
import { NO_WORKSPACE, type Setting } from '../match/setting.ts';
import { createDeriver } from '../match/touchpoints.ts';
import { loadWorkspace, settingOf } from '../match/workspace-file.ts';
import { click, DAY, type Fields, MINUTE, match, message } from './match-support/history.ts';

const YAML = `
workspace: acme
api_tokens: [ \${ACME_API_TOKEN} ]
accounts:
  sales: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922",
           app_secret: \${UNSET_APP_SECRET}, verify_token: \${file:/nowhere/verify-token}, access_token: \${UNSET_TOKEN:-x} }
  sign: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923",
          app_secret: \${UNSET_APP_SECRET}, verify_token: \${UNSET_VERIFY}, dedicated_to: metro-sign }
placements:
  button: { kind: site, account: sales, greetings: ["Hello! I have a question", "Good day! Please tell me more"], origins: ["https://acme.example"] }
  trial: { kind: redirect, account: sales }
  metro-sign: { kind: qr, account: sign, source: { utm_source: outdoor, utm_campaign: metro } }
matching: { returning_window: 10d, click_window: 7d }
internal:
  phones: [ \${STAFF} ]
  placements: [ trial ]
  visitors: [ office-browser ]
  networks: [ 203.0.113.0/24 ]
`;

let folder: string;
let workspace: Workspace;

function workspaceFile(text: string): string {
  const file = join(folder, 'acme.yaml');
  writeFileSync(file, text);
  return file;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'match-workspace-'));
  const loaded = loadWorkspace(workspaceFile(YAML), { STAFF: '+14155550999' });
  if (typeof loaded === 'string') throw new Error(loaded);
  workspace = loaded;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('--workspace', () => {
  it('needs no secret, but everything that bears on decisions', () => {
    expect(workspace.name).toBe('acme');
    expect(loadWorkspace(workspaceFile(YAML), {})).toContain('the environment variable STAFF is not set');
  });

  it('says everything that is wrong with the file, and that it is not there', () => {
    const problems = loadWorkspace(workspaceFile('workspace: Acme\naccounts: 1\n'), {});
    expect(problems).toContain('acme.yaml:1 workspace');
    expect(problems).toContain('acme.yaml:2 accounts');
    expect(loadWorkspace(join(folder, 'none.yaml'), {})).toBe(`${join(folder, 'none.yaml')} cannot be read (ENOENT)`);
  });

  it('brings its windows: a contact is a new lead after ten days, and a code ends after seven', async () => {
    const clicks = [click('c1', 0, { account: 'sales', code: 'abc' }), click('c2', 0, { account: 'sales', code: 'def' })];
    const messages = [
      message('m1', MINUTE, { account: 'sales', contact: 'ann', code: 'abc' }),
      message('m2', 5 * DAY, { account: 'sales', contact: 'bob' }),
      message('m3', 8 * DAY, { account: 'sales', contact: 'cid', code: 'def' }),
      message('m4', 16 * DAY, { account: 'sales', contact: 'ann' }),
    ];
    const { leads } = await match(clicks, messages, { workspace });
    expect(leads.map(({ message, method }) => [message, method === 'exact_id'])).toEqual([
      ['m1', true],
      ['m2', false],
      ['m3', false],
      ['m4', false],
    ]);
    const without = await match(clicks, messages);
    expect(without.leads.map(({ message, method }) => [message, method === 'exact_id'])).toEqual([
      ['m1', true],
      ['m2', false],
      ['m3', true],
    ]);
  });

  it('brings its dedicated accounts', async () => {
    const { leads } = await match([], [message('m1', 0, { account: 'sign' })], { workspace });
    expect(leads[0]).toMatchObject({
      method: 'dedicated_account',
      resolved_to: 'placement',
      click: null,
      source: { placement: 'metro-sign', campaign: 'metro', utm_source: 'outdoor' },
      shares: [{ campaign: 'metro', share: 1 }],
    });
  });

  it('leaves out what its own people try: their messages start no lead, and their clicks are candidates for nobody', async () => {
    const own: readonly Fields[] = [{ placement: 'trial' }, { visitor: 'office-browser' }, { ip: '203.0.113.7' }];
    for (const fields of own) {
      const clicks = [click('c1', 0, { account: 'sales', ...fields })];
      const messages = [
        message('staff', MINUTE, { account: 'sales', phone: '+1 (415) 555-0999' }),
        message('m1', MINUTE, { account: 'sales' }),
      ];
      const { leads } = await match(clicks, messages, { workspace });
      expect(leads.map(({ message, method, candidates }) => [message, method, candidates])).toEqual([['m1', 'none', []]]);
    }
    const { leads } = await match([click('c1', 0, { account: 'sales' })], [message('m1', MINUTE, { account: 'sales' })], { workspace });
    expect(leads[0]!.candidates).toHaveLength(1);
  });
});

function clickLine(fields: Fields): ClickLine {
  const line = new LineFields(click('c1', 0, fields));
  const read = readClickLine(line);
  expect(line.problems).toEqual([]);
  return read;
}

function derivedMessage(fields: Fields, setting: Setting = settingOf(workspace)) {
  const line = new LineFields({ ...message('m1', 0), place: null, language: null, account: 'sales', ...fields });
  const read = readMessageLine(line);
  expect(line.problems).toEqual([]);
  return createDeriver(setting).message(read, { offset: 0, observedAtMs: 1 });
}

describe('what a line does not give', () => {
  /** Opened once: 63 MB of places and 24 MB of networks. */
  const tables = lazyAddresses();

  it('is taken from the phone: country and region; and is unknown when it is no phone', () => {
    expect(derivedMessage({ phone: '+1 415 555 0100' })).toMatchObject({ country: 'US', region: expect.stringMatching(/./), phone: '' });
    expect(derivedMessage({ phone: '0049 30 123456' })).toMatchObject({ country: 'DE' });
    expect(derivedMessage({ phone: 77_011_234_567 })).toMatchObject({ country: 'KZ' });
    for (const phone of ['hidden', '123', '']) expect(derivedMessage({ phone })).toMatchObject({ country: '', region: '' });
    expect(derivedMessage({ phone: '+14155550100', place: { country: 'de' } })).toMatchObject({ country: 'DE', region: '' });
  });

  it('is taken from the text: language, greeting and our own codes', () => {
    const code = newCode(randomBytes);
    const text = `Good day! Please tell me more (request no. ${displayCode(code)})`;
    expect(derivedMessage({ text })).toMatchObject({
      codes: [{ code, carrier: 'visible', intact: true }],
      language: 'en',
      greetingVariant: 1,
      greetingPlacement: 'button',
      wording: 'greeting',
    });
    expect(derivedMessage({ text: 'Können Sie mir bitte einen Preis für das Angebot nennen?' })).toMatchObject({
      codes: [],
      language: 'de',
      greetingVariant: -1,
      wording: 'other',
    });
  });

  it('stays unknown where the greetings are not known: words are then no evidence', () => {
    const text = 'Good day! Please tell me more';
    expect(derivedMessage({ text }, NO_WORKSPACE)).toMatchObject({ greetingVariant: -1, wording: 'unknown' });
    expect(derivedMessage({})).toMatchObject({ greetingVariant: -1, wording: 'unknown', language: '', codes: [] });
  });

  it('never wins over what the line gives', () => {
    const text = `Good day! Please tell me more ${displayCode(newCode(randomBytes))}`;
    expect(derivedMessage({ text, language: 'pt-BR', greeting: null, code: ' x-1 ' })).toMatchObject({
      codes: [{ code: 'X-1', carrier: 'visible', intact: true }],
      language: 'pt',
      greetingVariant: -1,
      wording: 'other',
    });
    expect(derivedMessage({ text, greeting: 7 })).toMatchObject({ greetingVariant: 7, wording: 'greeting' });
  });

  it('is taken from the address of a click: place and network, the table being opened when it is first needed', async () => {
    let opened = 0;
    const addresses = lazyAddresses({
      geo: async () => {
        opened += 1;
        return { lookup: (ip) => ({ country: ip === '198.51.100.1' ? 'KZ' : 'US', region: '', city: '' }) };
      },
      networks: async () => {
        opened += 1;
        return { kindOf: () => 'fixed' };
      },
    });
    const ip = '198.51.100.1';
    const given = { place: { country: 'DE', region: 'BE' }, network: 'vpn', ip } as const;
    expect(whereaboutsOf(given, addresses)).toEqual({ place: given.place, network: 'vpn' });
    expect(whereaboutsOf({ place: undefined, network: 'unknown', ip: '' }, addresses)).toEqual({
      place: { country: '', region: '' },
      network: 'unknown',
    });
    expect(opened).toBe(0);
    await expect(whereaboutsOf({ ...given, place: undefined }, addresses)).resolves.toMatchObject({
      place: { country: 'KZ' },
      network: 'vpn',
    });
    await expect(whereaboutsOf({ ...given, network: 'unknown' }, addresses)).resolves.toEqual({ place: given.place, network: 'fixed' });
    // From now on at once: a promise per click would take longer than matching it.
    expect(whereaboutsOf({ place: undefined, network: 'unknown', ip }, addresses)).toMatchObject({
      place: { country: 'KZ' },
      network: 'fixed',
    });
    expect(opened).toBe(2);
  });

  it('is found in the very tables of the live path', async () => {
    const found = await whereaboutsOf({ place: undefined, network: 'unknown', ip: '8.8.8.8' }, tables);
    expect(found).toMatchObject({ place: { country: 'US' }, network: 'hosting' });
  });

  it('is waited for while a history is read', async () => {
    const clicks = [click('c1', 0, { place: null, network: null, ip: '8.8.8.8', code: 'abc' }), click('c2', 1, { code: 'def' })];
    const { leads } = await match(clicks, [message('m1', MINUTE, { code: 'abc' })], { addresses: tables });
    expect(leads[0]).toMatchObject({ method: 'exact_id', click: 'c1' });
  });

  it('keeps languages as primary subtags, each once, and regions without what the model joins names with', () => {
    const where = { place: { country: 'DE', region: 'a|b' }, network: 'fixed' } as const;
    const { click: facts } = createDeriver(NO_WORKSPACE).click(clickLine({ languages: ['de-DE', 'de', 'EN-us', '*', 'fil', 'x'] }), where, {
      offset: 0,
      observedAtMs: 1,
    });
    expect(facts.languages).toEqual(['de', 'en', 'fil']);
    expect(facts.region).toBe('a/b');
  });

  it('takes the campaign of the line before utm_campaign', () => {
    const where = { place: { country: '', region: '' }, network: 'unknown' } as const;
    const derive = (fields: Fields) =>
      createDeriver(NO_WORKSPACE).click(clickLine(fields), where, { offset: 0, observedAtMs: 1 }).click.source;
    const source = { utm_source: 'ads', utm_medium: 'cpc', utm_campaign: 'theirs', utm_content: 'a', utm_term: 'b' };
    expect(derive({ source })).toMatchObject({ utmSource: 'ads', utmMedium: 'cpc', utmCampaign: 'spring', utmContent: 'a', utmTerm: 'b' });
    expect(derive({ source, campaign: null })).toMatchObject({ utmCampaign: 'theirs' });
    expect(derive({ campaign: null })).toMatchObject({ utmCampaign: '', placement: 'button' });
  });
});
