import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { describe, expect, it } from 'vitest';
import { type LinkedAccount, type LinkedPlacement, messengerLink } from '../src/domain/link.ts';

const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 41 + 3));
const PLACEMENT: LinkedPlacement = {
  name: 'site-button',
  greetings: ['Hello & hi'],
  codeTemplate: '{greeting} ({code})',
  carriers: ['start_payload'],
};

describe('links to accounts at gateways', () => {
  it.each<readonly [LinkedAccount, string]>([
    [{ channel: 'vk', username: 'acme' }, 'https://vk.me/acme?ref='],
    [{ channel: 'max', username: 'acme_bot' }, 'https://max.ru/acme_bot?start='],
    [{ channel: 'instagram', username: 'acme.shop' }, 'https://ig.me/m/acme.shop?ref='],
  ])('carry the code beside the text: %j', (account, beginning) => {
    const link = messengerLink(account, PLACEMENT, CODE, undefined);
    expect(link).toBe(beginning + encodeStartPayload(CODE, 'site-button'));
    // MAX passes on nothing of a payload above 128 characters.
    expect(link.length - beginning.length).toBeLessThanOrEqual(128);
  });

  it.each(['wazzup', 'green-api', 'chatapp'] as const)('open a draft with a person of Telegram at %s', (provider) => {
    const url = new URL(
      messengerLink({ channel: 'telegram', provider, username: 'acme_sales' }, { ...PLACEMENT, carriers: ['visible'] }, CODE, 0),
    );
    expect([url.host, url.pathname, [...url.searchParams.keys()]]).toEqual(['t.me', '/acme_sales', ['text']]);
    expect(url.searchParams.get('text')).toMatch(/^Hello & hi \(.+\)$/);
  });
});
