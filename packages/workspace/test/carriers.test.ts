import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';

const ACCOUNTS = `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: \${S}, verify_token: \${S} }
  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: \${S} }
`;

function parsed(placement: string, more = '') {
  return parseWorkspace(`${ACCOUNTS}${more}placements:\n  p: { kind: redirect, ${placement} }\n`, {
    file: 'acme.yaml',
    env: { S: 'secret-value' },
    readFile: () => '',
  });
}

function carriersOf(placement: string): readonly string[] | undefined {
  const result = parsed(placement);
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace.placements.get('p')?.carriers;
}

function problemsOf(placement: string, more?: string): readonly string[] {
  const result = parsed(placement, more);
  return 'problems' in result ? result.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('carrier', () => {
  it.each([
    ['account: wa', ['visible']],
    ['account: tg', ['start_payload']],
    ['account: wa, carrier: emoji', ['emoji']],
    ['account: wa, carrier: invisible', ['invisible']],
    ['account: wa, carrier: [invisible, visible]', ['invisible', 'visible']],
    ['account: wa, carrier: [visible, emoji, invisible], greetings: ["Здравствуйте! Хочу узнать цену"]', ['visible', 'emoji', 'invisible']],
    ['account: wa, carrier: emoji, code_template: "{greeting}{code}"', ['emoji']],
    ['account: wa, carrier: visible, code_template: "Заявка №{code}: {greeting}"', ['visible']],
    ['account: wa, carrier: visible, code_template: "{greeting} الرمز {code} شكرا"', ['visible']],
    ['account: wa, carrier: visible, code_template: "{greeting}（番号{code}）"', ['visible']],
    ['account: wa, carrier: [invisible, visible], greetings: ["سلام"]', ['invisible', 'visible']],
    ['account: tg, carrier: [start_payload]', ['start_payload']],
  ])('{ %s } is %j', (placement, carriers) => {
    expect(carriersOf(placement)).toEqual(carriers);
  });

  it.each([
    ['account: wa, carrier: sms', 'placements.p.carrier: must be one of visible, emoji, invisible, start_payload, or a list of them'],
    ['account: wa, carrier: []', 'placements.p.carrier: must be one of visible'],
    ['account: wa, carrier: [visible, visible]', 'placements.p.carrier: must name each carrier once'],
    ['account: wa, carrier: [visible, start_payload]', 'placements.p.carrier: must be visible, emoji or invisible, or a list of them'],
    ['account: tg, carrier: [start_payload, emoji]', 'links to Telegram bots carry no text, so an emoji code would never arrive'],
    ['account: tg, carrier: invisible', 'links to Telegram bots carry no text, so an invisible code would never arrive'],
    [
      'account: wa, carrier: invisible, greetings: ["Hi there", "سلام"]',
      'placements.p.greetings.1: has no place for an invisible code in "سلام"',
    ],
    ['account: wa, carrier: invisible, greeting_parts: [["سلام"]]', 'placements.p.greeting_parts: has no place for an invisible code'],
    ['account: wa, carrier: invisible, code_template: "{greeting} ({code})"', 'placements.p.code_template: says where a visible or emoji'],
    ['account: wa, code_template: "{greeting} AB{code}CD"', 'placements.p.code_template: hides its own code'],
    ['account: wa, code_template: "{greeting} no.7{code}7"', 'placements.p.code_template: hides its own code'],
  ])('{ %s } is refused', (placement, problem) => {
    expect(problemsOf(placement).filter((each) => each.includes(problem))).toHaveLength(1);
  });

  it('is read together with the phrases of the whole workspace', () => {
    const parts = 'greeting_parts: [["سلام"]]\n';
    expect(problemsOf('account: wa, carrier: invisible', parts)).toEqual([
      expect.stringContaining('placements.p.carrier: has no place for an invisible code in "سلام"'),
    ]);
    expect(problemsOf('account: wa, carrier: [invisible, visible]', parts)).toEqual([]);
  });

  it('looks at every greeting that will be shown, and at no other', () => {
    const parts = 'greeting_parts: [["Hello, friend", "سلام"]]\n';
    expect(problemsOf('account: wa, carrier: invisible', parts)).toHaveLength(1);
    expect(problemsOf('account: wa, carrier: invisible', `${parts}greeting_variants: 1\n`)).toEqual([]);
    expect(problemsOf('account: wa, carrier: invisible, greeting_variants: 1', parts)).toEqual([]);
    expect(problemsOf('account: wa, carrier: invisible, greeting_variants: 2', `${parts}greeting_variants: 1\n`)).toHaveLength(1);
  });
});
