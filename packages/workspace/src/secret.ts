import { inspect } from 'node:util';
import type { Secret } from './workspace.ts';

const REDACTED = '[secret]';

/** The value sits in a private field, so that spreading, cloning, JSON, template strings and console all miss it. */
class HiddenSecret implements Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** Wraps a value so that only `reveal()` gives it back. */
export function secretFrom(value: string): Secret {
  return new HiddenSecret(value);
}
