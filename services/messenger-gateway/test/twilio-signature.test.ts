/** Twilio's signature and the address it is over: Twilio's own SDK signs and checks on the other side. */
import fc from 'fast-check';
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import { parseForm } from '../src/adapters/form-body.ts';
import { isTwilioSignature, publicAddress } from '../src/adapters/twilio-signature.ts';
import { openGateway } from './gateway.ts';
import {
  outcomeOf,
  post,
  providerWorkspace,
  TWILIO_INBOUND,
  TWILIO_TOKEN,
  TWILIO_URL,
  twilio,
  twilioSignature,
} from './provider-accounts.ts';

describe('the signature', () => {
  it('is that of the documentation', () => {
    const fields = parseForm(
      Buffer.from('Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE'),
    )!;
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    expect(isTwilioSignature(url, fields, '12345', 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')).toBe(true);
    const vector = { CallSid: 'CA1234567890ABCDE', Caller: '+12349013030', Digits: '1234', From: '+12349013030', To: '+18005551212' };
    const form = parseForm(Buffer.from(new URLSearchParams(vector).toString()))!;
    expect(isTwilioSignature(url, form, '12345', '0/KCTR6DLpKmkAf8muzZqo1nDgQ=')).toBe(true);
    expect(isTwilioSignature(url, form, '12345', '0/KCTR6DLpKmkAf8muzZqo1nDgR=')).toBe(false);
  });

  /** Names and values as people send them: spaces at the ends, plus signs, emoji, halves of nothing. */
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const form = fc.dictionary(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }), text, {
    maxKeys: 12,
    noNullPrototype: true,
  });
  const address = fc.constantFrom(
    'https://hooks.acme.example/hooks/twilio/acme/twilio',
    'https://hooks.acme.example:8443/hooks/twilio/acme/twilio?a=1&b=%20',
    'http://hooks.acme.example/x?y',
  );

  it('that Twilio’s SDK makes is right here, and what is right here is right there', () => {
    fc.assert(
      fc.property(form, address, fc.string({ minLength: 1, maxLength: 40 }), (fields, url, token) => {
        const params = { ...fields };
        const parsed = parseForm(Buffer.from(new URLSearchParams(params).toString()))!;
        expect(isTwilioSignature(url, parsed, token, getExpectedTwilioSignature(token, url, params))).toBe(true);
        expect(validateRequest(token, twilioSignature(url, params, token), url, params)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('breaks with any other field, value or address', () => {
    fc.assert(
      fc.property(form, address, (fields, url) => {
        const signature = twilioSignature(url, fields);
        const more = parseForm(Buffer.from(new URLSearchParams({ ...fields, Extra: '1' }).toString()))!;
        expect(isTwilioSignature(url, more, TWILIO_TOKEN, signature)).toBe(Object.hasOwn(fields, 'Extra') && fields['Extra'] === '1');
        const same = parseForm(Buffer.from(new URLSearchParams(fields).toString()))!;
        expect(isTwilioSignature(`${url}&z`, same, TWILIO_TOKEN, signature)).toBe(false);
        expect(isTwilioSignature(url, same, 'another', signature)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('counts a repeated field as the SDK does', () => {
    const parsed = parseForm(Buffer.from('a=2&a=1&a=2&b=0'))!;
    const theirs = getExpectedTwilioSignature('t', 'https://x.example/', { a: ['2', '1', '2'], b: '0' });
    expect(isTwilioSignature('https://x.example/', parsed, 't', theirs)).toBe(true);
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of another length', 'AAAA'],
    ['not base64', 'ä'.repeat(28)],
  ])('that is %s is refused', async (_, signature) => {
    const { 'x-twilio-signature': __, ...headers } = twilio(TWILIO_INBOUND).headers;
    const given = signature === undefined ? headers : { ...headers, 'x-twilio-signature': signature };
    expect((await outcomeOf({ ...twilio(TWILIO_INBOUND), headers: given })).status).toBe(401);
  });

  it('of another account’s token is refused', async () => {
    expect((await outcomeOf(twilio(TWILIO_INBOUND, 'another-token'))).status).toBe(401);
  });
});

describe('the address', () => {
  const header = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name];

  it.each([
    [
      'the configured one before all',
      'https://a.example/x',
      { host: 'inner', 'x-forwarded-host': 'b.example' },
      'https://a.example/x/hooks?q=1',
    ],
    [
      'what the first proxy saw',
      undefined,
      { host: 'inner:8081', 'x-forwarded-host': 'b.example, mid', 'x-forwarded-proto': 'https,http' },
      'https://b.example/hooks?q=1',
    ],
    [
      'its port',
      undefined,
      { host: 'inner', 'x-forwarded-host': 'b.example', 'x-forwarded-port': '8443' },
      'https://b.example:8443/hooks?q=1',
    ],
    [
      'its path',
      undefined,
      { host: 'inner', 'x-forwarded-host': 'b.example', 'x-forwarded-prefix': '/gw/' },
      'https://b.example/gw/hooks?q=1',
    ],
    ['plain http where a proxy says so', undefined, { host: 'b.example', 'x-forwarded-proto': 'http' }, 'http://b.example/hooks?q=1'],
    ['the host called, over TLS', undefined, { host: 'c.example' }, 'https://c.example/hooks?q=1'],
    ['none without a host', undefined, {}, undefined],
  ])('is %s', (_, configured, headers, expected) => {
    expect(publicAddress({ url: '/hooks?q=1', header: header(headers) }, configured)).toBe(expected);
  });

  it('behind a proxy that rewrites scheme, host and port is still the one signed', async () => {
    const gateway = await openGateway([providerWorkspace()]);
    const fields = { ...TWILIO_INBOUND, To: 'whatsapp:+14155550113' };
    const url = 'https://public.acme.example/hooks/twilio/acme/twilio-proxied?from=twilio';
    const posted = {
      ...twilio(fields),
      account: 'twilio-proxied',
      url: '/hooks/twilio/acme/twilio-proxied?from=twilio',
      headers: {
        host: '10.0.0.7:8081',
        'x-forwarded-host': 'public.acme.example',
        'x-forwarded-proto': 'https',
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': getExpectedTwilioSignature(TWILIO_TOKEN, url, fields),
      },
    };
    expect(await post(gateway, posted)).toBe(200);
    expect(await post(gateway, { ...posted, headers: { ...posted.headers, 'x-forwarded-host': 'elsewhere.example' } })).toBe(401);
    await gateway.app.close();
  });

  it('with the port that Twilio adds or leaves out is the same', () => {
    const fields = parseForm(Buffer.from('a=1'))!;
    for (const [configured, signed] of [
      ['https://a.example', 'https://a.example:443/p'],
      ['https://a.example:443', 'https://a.example/p'],
      ['http://a.example:80', 'http://a.example/p'],
      ['https://a.example:8443', 'https://a.example/p'],
    ] as const)
      expect(isTwilioSignature(`${configured}/p`, fields, 't', getExpectedTwilioSignature('t', signed, { a: '1' }))).toBe(true);
  });

  it('given with or without a slash at the end is the same', () => {
    const account = providerWorkspace().accounts.get('twilio');
    expect(account?.provider === 'twilio' && account.publicUrl).toBe(TWILIO_URL);
  });
});

describe('a form', () => {
  it('that is larger than any of Twilio’s is refused before it is taken apart', async () => {
    for (const payload of [Buffer.from(`Body=${'x'.repeat(70_000)}`), Buffer.from('a&'.repeat(20_000))])
      expect((await outcomeOf({ ...twilio(TWILIO_INBOUND), payload })).status).toBe(401);
  });

  it('may name anything', async () => {
    const fields = { ...TWILIO_INBOUND, ['__proto__']: 'polluted', constructor: 'x', toString: 'y' };
    expect((await outcomeOf(twilio(fields))).status).toBe(200);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
