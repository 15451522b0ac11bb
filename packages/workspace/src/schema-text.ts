import { z } from 'zod';

/** Messages of a schema: what is missing gets "write …", what is wrong "must be …"; neither repeats the value. */
export function says(expected: string): (issue: { readonly input?: unknown }) => string {
  return (issue) => (issue.input === undefined ? `is missing; write ${expected}` : `must be ${expected}`);
}

export function text(expected: string, pattern: RegExp): z.ZodString {
  return z.string({ error: says(expected) }).regex(pattern, { error: says(expected) });
}

export const NAME_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
export const NAME_RULE = 'a name of 1 to 63 characters of a-z, 0-9 and "-", starting with a letter';

/** A value that may only be written as a reference. */
export function secret(what: string): z.ZodString {
  const expected = `a reference to ${what}, such as \${NAME} or \${file:/run/secrets/name}`;
  return z
    .string({ error: says(expected) })
    .min(1, { error: says(expected) })
    .describe(`Reference to ${what}; never the value itself.`);
}
