import { createHash, timingSafeEqual } from 'node:crypto';

/** What every serialiser prints instead of a secret. */
export const SECRET_MASK = '[secret]';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A secret value that no serialiser prints: `toString`, `toJSON`, template strings and `util.inspect` give `[secret]`.
 * Only `reveal()` gives the value, so that a search for `.reveal(` finds every place a secret leaves its envelope.
 */
export interface Secret {
  reveal(): string;
}

class SealedSecret implements Secret {
  // A #private field is invisible to JSON, spread, Object.entries and inspection alike; a TypeScript `private` one is not.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SECRET_MASK;
  }

  toJSON(): string {
    return SECRET_MASK;
  }

  [Symbol.toPrimitive](): string {
    return SECRET_MASK;
  }

  [INSPECT](): string {
    return SECRET_MASK;
  }
}

/** Wraps a value so that it cannot be printed by accident. */
export function sealSecret(value: string): Secret {
  return new SealedSecret(value);
}

/**
 * True when `candidate` equals the secret. The time taken depends on neither: both sides are hashed to 32 bytes first, because
 * `timingSafeEqual` needs equal lengths and an early return on length tells an attacker the length.
 */
export function secretEquals(secret: Secret, candidate: string): boolean {
  return timingSafeEqual(sha256(secret.reveal()), sha256(candidate));
}

/** True when `candidate` equals one of the secrets. All are compared, so that the time does not tell which. */
export function anySecretEquals(secrets: readonly Secret[], candidate: string): boolean {
  let found = false;
  for (const secret of secrets) {
    if (secretEquals(secret, candidate)) found = true;
  }
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
