import { NAME_PATTERN, NAME_RULE, text } from '../schema-text.ts';

/** What accounts of several providers are told in the same words. */
export const dedicatedTo = text(NAME_RULE, NAME_PATTERN)
  .optional()
  .describe('Placement whose source every lead of this account has: numbers and bots used for one sign, one poster, one campaign.');

export const phone = text('the number in E.164, in quotes, such as "+14155550100"', /^\+[1-9][0-9]{6,14}$/).describe(
  'Number of the account, E.164 with "+".',
);
