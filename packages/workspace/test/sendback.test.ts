import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';

const env = { T: 'token-0123456789abcdef', A: 'app-secret-0123456789', V: 'verify-0123456789' };

function read(sendback: string, account = 'wa') {
  const text = `
workspace: acme
api_tokens: [ \${T} ]
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: \${A}, verify_token: \${V}, access_token: \${T} }
  mute: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: \${A}, verify_token: \${V} }
  bot: { channel: telegram, provider: telegram, username: acme_bot, secret_token: \${V} }
placements:
  form: { kind: site, account: ${account}, origins: ["https://acme.example"], sendback: ${sendback} }
`;
  return parseWorkspace(text, { file: 'acme.yaml', env, readFile: () => '' });
}

function problemsOf(sendback: string, account?: string): readonly string[] {
  const result = read(sendback, account);
  if (!('problems' in result)) throw new Error('the file was taken');
  return result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('sendback of a placement', () => {
  it('is a template with its language and parameters, none unless given', () => {
    const built = (sendback: string) => {
      const result = read(sendback);
      if ('problems' in result) throw new Error(JSON.stringify(result.problems));
      return result.workspace.placements.get('form')?.sendback;
    };
    expect(built('{ template: welcome, language: en_US }')).toEqual({ template: 'welcome', language: 'en_US', parameters: [] });
    expect(built('{ template: welcome, language: pt, parameters: ["Acme"] }')?.parameters).toEqual(['Acme']);
  });

  it('is refused with everything that is wrong with it', () => {
    expect(problemsOf('{ language: English, parameters: [""], tone: kind }')).toHaveLength(4);
    expect(problemsOf('welcome')).toEqual([expect.stringContaining('placements.form.sendback: must be a map with template and language')]);
  });

  it('needs an account that may write first', () => {
    const fine = '{ template: welcome, language: en_US }';
    expect(problemsOf(fine, 'bot')).toEqual([expect.stringContaining('placements.form.sendback: needs an account of WhatsApp')]);
    expect(problemsOf(fine, 'mute')).toEqual([expect.stringContaining('give mute an access_token')]);
  });
});
