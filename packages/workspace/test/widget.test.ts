import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';

const env = { T: 'token-0123456789abcdef', A: 'app-secret-0123456789', V: 'verify-0123456789' };

function read(widget: string, more = '', pool = 'account: wa') {
  const text = `
workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: \${A}, verify_token: \${V}, access_token: \${T} }
  mute: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: \${A}, verify_token: \${V} }
  bot: { channel: telegram, provider: telegram, username: acme_bot, secret_token: \${V} }
placements:
  button: { kind: site, account: wa, origins: ["https://acme.example"] }
  quiet: { kind: site, account: bot, origins: ["https://acme.example"], widget: false }
  form: { kind: site, ${pool}, origins: ["https://acme.example"], sendback: { template: welcome, language: en_US } }
  sign: { kind: qr, account: wa ${more} }
snippet: ${widget}
`;
  return parseWorkspace(text, { file: 'acme.yaml', env, readFile: () => '' });
}

function built(widget: string) {
  const result = read(widget);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.workspace.snippet.widget;
}

function problemsOf(...given: Parameters<typeof read>): readonly string[] {
  const result = read(...given);
  if (!('problems' in result)) throw new Error('the file was taken');
  return result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('the dialog of a workspace', () => {
  it('is for all its sites but those that do not want it, and nowhere unless asked for', () => {
    expect(built('{ consent: ask }')).toBeUndefined();
    expect(built('{ widget: {} }')).toEqual({
      placements: ['button', 'form'],
      business: '',
      language: '',
      accent: '#0b6b3a',
      offset: 16,
      zIndex: 2_147_483_000,
      privacyUrl: '',
    });
    expect(
      built(
        '{ widget: { business: Acme Ltd, language: tr, accent: "#FFD60A", offset: 0, z_index: 9, privacy_url: "https://acme.example/p" } }',
      ),
    ).toMatchObject({
      business: 'Acme Ltd',
      language: 'tr',
      offset: 0,
      zIndex: 9,
      privacyUrl: 'https://acme.example/p',
    });
  });

  it('is refused with everything that is wrong with it at once', () => {
    const wrong =
      '{ widget: { business: "", language: fr, accent: green, offset: 500, z_index: -1, privacy_url: "javascript:alert(1)", colour: "#000000" } }';
    const problems = problemsOf(wrong);
    for (const key of ['business', 'language', 'accent', 'offset', 'z_index', 'privacy_url', 'colour'])
      expect(
        problems.filter((problem) => problem.includes(`snippet.widget.${key}`) || problem.includes(`"${key}"`)),
        key,
      ).not.toEqual([]);
    expect(problems).toHaveLength(7);
    expect(problems.join()).not.toContain('alert');
  });

  it('belongs to pages', () => {
    expect(problemsOf('{ widget: {} }', ', widget: true')).toEqual([expect.stringContaining('placements.sign.widget: belongs to')]);
  });
});

describe('sendback of a pool', () => {
  it('needs that each of its accounts may write first', () => {
    const problems = problemsOf('{}', '', 'pool: [{ account: wa }, { account: mute }, { account: wa, weight: 2 }]');
    expect(problems.join('\n')).toContain('give mute an access_token');
    expect(problemsOf('{}', '', 'pool: [{ account: wa }, { account: mute }]')).toEqual([
      expect.stringContaining('placements.form.sendback: needs an account that may send: give mute an access_token'),
    ]);
  });
});
