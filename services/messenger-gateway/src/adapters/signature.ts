/** Authenticity of a webhook, over the raw bytes and in constant time: parsing first and serialising again changes the bytes as soon as a text has an emoji. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const HUB_SIGNATURE = /^sha256=[0-9a-fA-F]{64}$/;

/**
 * `X-Hub-Signature-256: sha256=<hex>`, HMAC-SHA256 of the raw body with the app secret (Meta, Graph API webhooks).
 * Any other length or alphabet is a mismatch.
 */
export function isHubSignature(body: Uint8Array, appSecret: string, header: string | undefined): boolean {
  // As hex: OpenSSL's bytes cost a buffer of their own, 0.6 µs more than the text.
  const expected = Buffer.from(createHmac('sha256', appSecret).update(body).digest('hex'), 'latin1');
  const isWellFormed = header !== undefined && HUB_SIGNATURE.test(header);
  const given = isWellFormed ? Buffer.from(header.slice(7).toLowerCase(), 'latin1') : Buffer.alloc(expected.length);
  return timingSafeEqual(expected, given);
}

/**
 * HMAC of `data` in any of the spellings that providers leave open: hex or base64, with or without the name of the algorithm before it.
 * The algorithm is ours to choose, never the header's.
 */
export function isHmac(
  algorithm: 'sha1' | 'sha256' | 'sha512',
  data: Uint8Array | string,
  secret: string,
  header: string | undefined,
): boolean {
  const prefix = `${algorithm}=`;
  const text = header ?? '';
  const written = text.slice(0, prefix.length).toLowerCase() === prefix ? text.slice(prefix.length) : text;
  const hmac = createHmac(algorithm, secret).update(data);
  const isHex = written.length === HEX_LENGTHS[algorithm] && HEX.test(written);
  // As text where it is text: see isHubSignature.
  const expected = isHex ? Buffer.from(hmac.digest('hex'), 'latin1') : hmac.digest();
  const given = isHex ? Buffer.from(written.toLowerCase(), 'latin1') : Buffer.from(written, 'base64');
  // Another length is compared with itself: as long as a right one takes.
  const isEqual = timingSafeEqual(expected, given.length === expected.length ? given : expected);
  return isEqual && given.length === expected.length;
}

const HEX = /^[0-9a-f]+$/i;
const HEX_LENGTHS = { sha1: 40, sha256: 64, sha512: 128 } as const;

/** Equality of two secrets. Digests are compared, so that neither content nor length shows in the time. */
export function isSameSecret(expected: string, given: string | undefined): boolean {
  const isEqual = timingSafeEqual(digest(expected), digest(given ?? ''));
  return isEqual && given !== undefined;
}

function digest(text: string): Buffer {
  // In one call and as hex: 0.45 µs instead of 1.5 µs for a hash object and OpenSSL's own buffer, twice per webhook.
  return Buffer.from(hash('sha256', text, 'hex'), 'latin1');
}
