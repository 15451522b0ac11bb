import { z } from 'zod';
import { DEFAULT_GREETING_VARIANTS, joinPhrases, MAX_GREETING_VARIANTS } from './greeting-parts.ts';
import { isTimeZone, parseOpening } from './opening-hours.ts';
import { NAME_PATTERN, NAME_RULE, says, text } from './schema-text.ts';
import { wordsOf } from './words.ts';

/** A greeting becomes part of a link, and links beyond two thousand characters are cut by apps and QR codes. */
export const MAX_GREETING_CHARACTERS = 500;

const phraseRule = 'a phrase of 1 to 200 characters that holds at least one word';
const phrase = z
  .string({ error: says(phraseRule) })
  .max(200, { error: says(phraseRule) })
  .refine((value) => value.trim() === value && value.isWellFormed() && wordsOf(value).length > 0, {
    error: () => `must be ${phraseRule} and does not begin or end with spaces`,
  });

export const greetingPartsSchema = z
  .array(
    z
      .array(phrase, { error: says('a list of phrases of which one is taken, such as ["Hello", "Good day"]') })
      .min(1, { error: () => 'must hold at least one phrase' })
      .max(32, { error: () => 'must be at most 32 phrases' }),
    { error: says('a list of places in the sentence, each a list of phrases, such as [["Hello.", "Good day."], ["I have a question"]]') },
  )
  .min(1, { error: () => 'must hold at least one list of phrases' })
  .max(8, { error: () => 'must be at most 8 lists of phrases' })
  .refine((parts) => joinPhrases(parts.map(longestOf)).length <= MAX_GREETING_CHARACTERS, {
    error: () => `must combine into greetings of at most ${MAX_GREETING_CHARACTERS} characters: they become part of a link`,
  })
  .describe('Phrases by place in the sentence; they combine into greetings, of which each click shows one.');

export const greetingVariantsSchema = z
  .int({ error: says(`a whole number from 1 to ${MAX_GREETING_VARIANTS}`) })
  .min(1, { error: says(`a whole number from 1 to ${MAX_GREETING_VARIANTS}`) })
  .max(MAX_GREETING_VARIANTS, { error: says(`a whole number from 1 to ${MAX_GREETING_VARIANTS}`) })
  .describe(
    `How many greetings the parts are to combine into. Default ${DEFAULT_GREETING_VARIANTS}, fewer where the parts do not give as many.`,
  );

export const vanitySchema = z
  .array(
    text('2 to 40 characters of a-z, 0-9 and "-", beginning and ending with a letter or digit', /^[a-z0-9](?:[a-z0-9-]{0,38})[a-z0-9]$/),
    {
      error: says('a list of short names, such as ["metro"]'),
    },
  )
  .max(20, { error: () => 'must be at most 20 short names' })
  .refine((names) => new Set(names).size === names.length, { error: () => 'must name each once' })
  .describe(
    'Short names for print and radio: GET /go/{name} is the redirect of this placement. One name is one placement in all workspaces.',
  );

const wordRule = 'a word or a few of together 3 to 40 characters, at least 3 of them letters or digits';
const CARRIER_NAMES = ['visible', 'emoji', 'invisible', 'start_payload'] as const;
const carrierRule = `one of ${CARRIER_NAMES.join(', ')}, or a list of them, such as [invisible, visible]`;
const carrierName = z.enum(CARRIER_NAMES, { error: says(carrierRule) });

export const carrierSchema = z
  .union(
    [
      carrierName,
      z
        .array(carrierName, { error: says(carrierRule) })
        .min(1, { error: says(carrierRule) })
        .refine((names) => new Set(names).size === names.length, { error: () => 'must name each carrier once' }),
    ],
    { error: (issue) => (issue.code === 'invalid_union' ? `must be ${carrierRule}` : undefined) },
  )
  .describe(
    'How the code travels; several carry the same code side by side. Links that hold a text take visible (letters and digits), emoji and invisible (characters that are not drawn); links with a payload take start_payload. Default: visible, or start_payload where the link has one.',
  );

export const codeWordsSchema = z
  .array(
    z.string({ error: says(wordRule) }).refine(
      (value) => {
        const words = wordsOf(value);
        return value.length <= 40 && words.length <= 4 && words.join('').length >= 3;
      },
      { error: () => `must be ${wordRule}` },
    ),
    { error: says('a list of words, such as ["BLUE"]') },
  )
  .min(1, { error: () => 'must hold at least one word' })
  .max(20, { error: () => 'must be at most 20 words' })
  .describe('Printed code words ("write BLUE to +1 415 555 0100"): whoever writes one has seen this placement. Many people share a word.');

const chatRule = 'the channel or group: "@acme_news", or its id in quotes, such as "-1001234567890"';
export const inviteChatSchema = text(chatRule, /^(?:@[A-Za-z][A-Za-z0-9_]{3,31}|-[1-9][0-9]{0,18})$/).describe(
  'Telegram channel or group of an invite link (kind invite): user name with "@", or id.',
);

/** Telegram's own limit of a link's name is 32 characters. */
export const inviteLinkNameSchema = text('1 to 32 characters that begin and end with no space', /^(?! )[^\p{Cc}]{1,32}(?<! )$/u).describe(
  'Name of the invite link (kind invite) as its maker wrote it. Default: the name of the placement.',
);

const hoursRule = 'hours such as "mon-fri 09:00-18:00", "sat 10:00-14:00" or "daily 08:00-24:00"';
export const hoursSchema = z
  .strictObject(
    {
      time_zone: z
        .string({ error: says('a time zone of the IANA list, such as "Europe/Berlin"') })
        .refine(isTimeZone, { error: () => 'must be a time zone of the IANA list, such as "Europe/Berlin"' }),
      open: z
        .array(
          z
            .string({ error: says(hoursRule) })
            .refine((value) => parseOpening(value) !== undefined, { error: () => `must be ${hoursRule}` }),
          { error: says(`a list of ${hoursRule}`) },
        )
        .min(1, { error: () => 'must hold at least one span; an account that is never open is paused' })
        .max(50, { error: () => 'must be at most 50 spans' }),
    },
    { error: says('a map with time_zone and open') },
  )
  .describe('When the account is answered. Default: always.');

const weightRule = 'a number above 0, at most 1,000';
export const poolMemberSchema = z.strictObject(
  {
    account: text(NAME_RULE, NAME_PATTERN).describe('Account of this file.'),
    weight: z
      .number({ error: says(weightRule) })
      .gt(0, { error: says(weightRule) })
      .max(1_000, { error: says(weightRule) })
      .optional()
      .describe('Share of the clicks relative to the other members. Default 1.'),
    hours: hoursSchema.optional(),
    paused: z
      .boolean({ error: says('true or false') })
      .optional()
      .describe('Takes the account out of the rotation: a number that is banned, full or on holiday. Default false.'),
  },
  { error: says('a map with account and, if needed, weight, hours and paused') },
);

export const poolSchema = z
  .array(poolMemberSchema, { error: says('a list of accounts, such as - { account: sales-wa, weight: 2 }') })
  .min(1, { error: () => 'must hold at least one account' })
  .max(100, { error: () => 'must be at most 100 accounts' })
  .describe('Accounts the placement rotates over instead of one; all of one channel. Each click goes to one of them.');

function longestOf(phrases: readonly string[]): string {
  return phrases.reduce((longest, each) => (each.length > longest.length ? each : longest), '');
}
