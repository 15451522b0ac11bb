import { z } from 'zod';
import { NAME_PATTERN, NAME_RULE, says, text } from '../schema-text.ts';

/** What accounts of several providers are told in the same words. */
export const dedicatedTo = text(NAME_RULE, NAME_PATTERN)
  .optional()
  .describe('Placement whose source every lead of this account has: numbers and bots used for one sign, one poster, one campaign.');

export const phone = text('the number in E.164, in quotes, such as "+14155550100"', /^\+[1-9][0-9]{6,14}$/).describe(
  'Number of the account, E.164 with "+".',
);

/** An address that paths are put behind: scheme, host, perhaps a path, and nothing that a path would end up in. */
export function baseUrl(expected: string): z.ZodString {
  return z.string({ error: says(expected) }).refine(isBaseUrl, { error: () => `must be ${expected}` });
}

function isBaseUrl(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  );
}
