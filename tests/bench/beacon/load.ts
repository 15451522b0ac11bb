/** The load of the beacon benchmark: taps as the snippet registers them. */
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { generator } from '../webhook/load.ts';

export const BEACON_PATH = '/v1/clicks';
/** What a browser sends beside the body: a text needs no preflight. */
export const BEACON_HEADERS = {
  'content-type': 'text/plain;charset=UTF-8',
  origin: 'https://shop.example',
  referer: 'https://shop.example/',
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'accept-language': 'de-DE,de;q=0.9,en;q=0.8',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br',
};

/** `count` bodies of one click each, of pages without consent: a source and no ids of a visit. Codes and ids of clicks differ. */
export function beaconBodies(count: number, seed: number): readonly string[] {
  const next = generator(seed);
  const bytes = (n: number) => Uint8Array.from({ length: n }, () => Math.floor(next() * 256));
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      workspace: 'demo',
      placement: 'site-button',
      account: 'sales-wa',
      click_id: Buffer.from(bytes(16)).toString('base64url'),
      code: newCode(bytes),
      time: Date.now(),
      greeting_variant: i % 3,
      query: 'utm_source=google&utm_medium=cpc&utm_campaign=spring',
      referrer: 'https://www.google.com/search',
    }),
  );
}
