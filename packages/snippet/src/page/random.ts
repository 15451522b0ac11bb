export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** 128 bits in hexadecimal: nobody guesses one, and two are never the same. `crypto.randomUUID` is missing on pages without TLS. */
export function randomId(): string {
  return Array.from(randomBytes(16), (byte) => (byte + 256).toString(16).slice(1)).join('');
}
