import { hash } from 'node:crypto';

/** Crockford's base32 in lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 26;

/** 130 bits of SHA-256 over workspace, account, canonical contact key and first message id. NUL cannot stand in any of them. */
export function leadIdOf(workspace: string, account: string, contact: string, firstMessageId: string): string {
  // A character per byte: a Buffer takes twice the time of the hash itself.
  const digest = hash('sha256', `${workspace}\0${account}\0${contact}\0${firstMessageId}`, 'binary');
  let id = '';
  let bits = 0;
  let pending = 0;
  for (let index = 0; id.length < LENGTH; index += 1) {
    pending = ((pending << 8) | digest.charCodeAt(index)) & 0xfff;
    bits += 8;
    while (bits >= 5 && id.length < LENGTH) {
      bits -= 5;
      id += ALPHABET[(pending >> bits) & 31];
    }
  }
  return id;
}
