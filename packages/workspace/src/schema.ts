import { z } from 'zod';
import { ACCOUNT_KINDS, ACCOUNT_SCHEMAS } from './accounts/account-kinds.ts';
import { internalSchema } from './internal-schema.ts';
import {
  carrierSchema,
  codeWordsSchema,
  greetingPartsSchema,
  greetingVariantsSchema,
  hoursSchema,
  inviteChatSchema,
  inviteLinkNameSchema,
  MAX_GREETING_CHARACTERS,
  poolMemberSchema,
  poolSchema,
  vanitySchema,
} from './placement-schema.ts';
import { NAME_PATTERN, NAME_RULE, says, secret, text } from './schema-text.ts';
import { sendbackSchema } from './sendback-schema.ts';
import { snippetSchema } from './snippet-schema.ts';
import { widgetSchema } from './widget-schema.ts';

/**
 * The shape of a workspace file. Values are checked after references are resolved; whether a secret was written as a reference is
 * checked on the text before (parse.ts), for a resolved value no longer shows it.
 */
/** Keys whose value is a secret wherever they stand; `api_tokens` holds a list of them. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['secret', ...ACCOUNT_KINDS.flatMap(({ secretKeys }) => secretKeys)]);
export const SECRET_LIST = 'api_tokens';

/** Default of `code_template`; `{greeting}` and `{code}` stand once each. */
export const DEFAULT_CODE_TEMPLATE = '{greeting} (request no. {code})';
/** Greetings of WhatsApp placements that name none: the code needs a text to stand in. */
export const DEFAULT_GREETINGS: readonly string[] = ['Hello!'];
const MAX_GREETINGS = 50;

/** Sections whose keys are names people give. */
export const NAMED_SECTIONS = ['accounts', 'placements', 'destinations'] as const;
const name = text(NAME_RULE, NAME_PATTERN);

/** The names are checked apart from the values (cross-references.ts): zod looks at no value whose key it refused. */
function named<T extends z.ZodType>(what: string, value: T): z.ZodRecord<z.ZodString, T> {
  return z.record(z.string(), value, { error: says(`a map of ${what} by name`) });
}

const account = z.discriminatedUnion('provider', ACCOUNT_SCHEMAS, {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? `must be one of the supported providers: ${ACCOUNT_KINDS.map(({ provider }) => provider).join(', ')}`
      : 'must be a map with channel, provider and the settings of that provider',
});

const utm = z.string({ error: says('text of at most 256 characters') }).max(256, { error: says('text of at most 256 characters') });
const source = z
  .strictObject(
    {
      utm_source: utm.optional(),
      utm_medium: utm.optional(),
      utm_campaign: utm.optional(),
      utm_content: utm.optional(),
      utm_term: utm.optional(),
    },
    { error: says('a map of utm_source, utm_medium, utm_campaign, utm_content, utm_term') },
  )
  .describe('Source of clicks whose link says nothing of its own; utm_* of the link win over it.');

const greetingRule = `text of 1 to ${MAX_GREETING_CHARACTERS} characters: it becomes part of a link`;
const greeting = z
  .string({ error: says(greetingRule) })
  .min(1, { error: says(greetingRule) })
  .max(MAX_GREETING_CHARACTERS, { error: says(greetingRule) })
  .refine((value) => value.trim() === value, { error: () => 'must not begin or end with spaces: messengers cut them off' })
  .refine((value) => value.isWellFormed(), {
    error: () => 'must not hold half a surrogate pair (\\ud800 to \\udfff alone): it cannot stand in a link',
  });

const origins = z.array(
  z.string({ error: says('an origin, such as "https://acme.example"') }).refine(isOrigin, {
    error: () => 'must be scheme and host without path, such as "https://acme.example" or "http://localhost:3000"',
  }),
  { error: says('a list of origins, such as ["https://acme.example"]') },
);

const placement = z
  .strictObject(
    {
      kind: z
        .enum(['site', 'redirect', 'qr', 'print', 'invite'], { error: says('one of: site, redirect, qr, print, invite') })
        .describe(
          'Where it stands: button on a site, link in an ad or post, printed QR code, print or radio with a number and a word, named invite link of a Telegram channel or group.',
        ),
      account: name.optional().describe('Account the placement leads to; either this or pool.'),
      pool: poolSchema.optional(),
      carrier: carrierSchema.optional(),
      greetings: z
        .array(greeting, { error: says('a list of greetings, such as ["Hello! I have a question"]') })
        .max(MAX_GREETINGS, { error: () => `must be at most ${MAX_GREETINGS} greetings` })
        .optional()
        .describe('Texts the messenger opens with, without the code; one is chosen per click. Default for WhatsApp: ["Hello!"].'),
      greeting_parts: greetingPartsSchema.optional(),
      greeting_variants: greetingVariantsSchema.optional(),
      words: codeWordsSchema.optional(),
      vanity: vanitySchema.optional(),
      chat: inviteChatSchema.optional(),
      link_name: inviteLinkNameSchema.optional(),
      code_template: z
        .string({ error: says('text with {greeting} and {code}') })
        .max(200, { error: says('text of at most 200 characters with {greeting} and {code}') })
        .refine((value) => count(value, '{code}') === 1 && count(value, '{greeting}') === 1, {
          error: () => `must contain {greeting} once and {code} once, such as "${DEFAULT_CODE_TEMPLATE}"`,
        })
        .optional()
        .describe(`How the code stands in the greeting. Default: "${DEFAULT_CODE_TEMPLATE}".`),
      origins: origins.optional().describe('Sites whose pages may register clicks of this placement. Default: those of the workspace.'),
      sendback: sendbackSchema.optional(),
      widget: z
        .boolean({ error: says('true or false') })
        .optional()
        .describe('Whether a tap on a computer opens the dialog of snippet.widget. Default: true where snippet.widget is set, else false.'),
      source: source.optional(),
    },
    { error: says('a map with kind, account and greetings') },
  )
  .describe('A place that leads to a messenger.');

const flag = z.boolean({ error: says('true or false') }).optional();
const privacy = z
  .strictObject(
    {
      keep_text: flag.describe('Keep the text of messages. Default false.'),
      keep_phone: flag.describe('Keep phone numbers of people. Default false.'),
      keep_name: flag.describe('Keep display names of people. Default false.'),
      keep_ip: flag.describe('Keep IP addresses of clicks. Default false.'),
    },
    { error: says('a map of keep_text, keep_phone, keep_name, keep_ip') },
  )
  .describe('What personal data is kept; everything is off unless set.');

const durationRule = 'a duration between 1h and 400d, such as 12h or 30d';
const duration = text(durationRule, /^[0-9]{1,5}[hd]$/).refine(
  (value) => {
    const ms = durationMs(value);
    return ms >= HOUR_MS && ms <= 400 * DAY_MS;
  },
  { error: () => `must be ${durationRule}` },
);
const matching = z
  .strictObject(
    {
      click_window: duration.optional().describe('How long a click can explain a message. Default 30d.'),
      returning_window: duration.optional().describe('How long after its last message a contact still belongs to its lead. Default 90d.'),
    },
    { error: says('a map of click_window and returning_window') },
  )
  .describe('How long clicks and leads live.');

const destination = z
  .strictObject(
    {
      type: z.literal('webhook', { error: says('"webhook", the only type there is yet') }),
      url: z
        .string({ error: says('a URL, such as https://crm.example/hooks/messtrack') })
        .refine(isSafeUrl, { error: () => 'must be a URL that begins with https:// and holds no user name or password' }),
      secret: secret('the key that signs the calls').optional(),
    },
    { error: says('a map with type and url') },
  )
  .describe('Where leads and goals are delivered besides ClickHouse.');

const condition = z.union([z.string(), z.number(), z.boolean()], { error: () => 'must be text, a number, true or false' });
const rule = z.strictObject(
  {
    when: z.record(z.string(), condition, { error: says('a map of field to value, such as { source.utm_campaign: vip }') }),
    set: z.record(z.string(), condition, { error: says('a map of field to value, such as { priority: high }') }),
  },
  { error: says('a map with when and set') },
);

export const workspaceSchema = z.strictObject(
  {
    workspace: name.describe('Name of the workspace; part of every URL and key.'),
    api_tokens: z
      .array(secret('an API token'), { error: says(`a list of references, such as [ \${ACME_API_TOKEN} ]`) })
      .optional()
      .describe('Tokens that may read leads and write goals. Default: none, and nothing may.'),
    accounts: named('accounts', account).describe('Messenger accounts that receive messages.'),
    placements: named('placements', placement).optional().describe('Places that lead to a messenger.'),
    greeting_parts: greetingPartsSchema.optional(),
    greeting_variants: greetingVariantsSchema.optional(),
    origins: origins
      .optional()
      .describe('Sites whose pages may register clicks of placements that name no origins of their own. Default: none.'),
    public_url: z
      .string({ error: says('scheme and host of the links, such as "https://go.acme.example"') })
      .refine(isOrigin, { error: () => 'must be scheme and host without path, such as "https://go.acme.example"' })
      .optional()
      .describe('Where /t, /go and /qr are reached from outside. Set it before anything is printed: QR codes hold it.'),
    privacy: privacy.optional(),
    snippet: snippetSchema.optional(),
    matching: matching.optional(),
    internal: internalSchema.optional(),
    destinations: named('destinations', destination).optional().describe('Where leads and goals go besides ClickHouse.'),
    routing: z
      .array(rule, { error: says('a list of rules, such as - { when: {…}, set: {…} }') })
      .optional()
      .describe('What to add to a lead that meets a condition.'),
  },
  { error: () => 'must be a map that begins with "workspace: NAME"' },
);

export type WorkspaceFile = z.infer<typeof workspaceSchema>;
export type AccountFile = WorkspaceFile['accounts'][string];
export type PlacementFile = NonNullable<WorkspaceFile['placements']>[string];

/** Keys that may stand in the map at `path`; `provider` tells the kinds of account apart. Empty when the place takes any key. */
export function knownKeys(path: readonly PropertyKey[], provider: unknown): readonly string[] {
  const [section, , inner] = path;
  if (path.length === 0) return Object.keys(workspaceSchema.shape);
  if (section === 'accounts' && path.length === 2)
    return Object.keys((ACCOUNT_KINDS.find((kind) => kind.provider === provider) ?? ACCOUNT_KINDS[0]).schema.shape);
  if (section === 'placements' && path.length === 2) return Object.keys(placement.shape);
  if (section === 'placements' && inner === 'source') return Object.keys(source.shape);
  if (section === 'placements' && inner === 'sendback') return Object.keys(sendbackSchema.shape);
  if (section === 'placements' && inner === 'pool') return Object.keys((path.length === 4 ? poolMemberSchema : hoursSchema).shape);
  if (section === 'privacy') return Object.keys(privacy.shape);
  if (section === 'snippet' && path[1] === 'widget') return Object.keys(widgetSchema.shape);
  if (section === 'snippet') return Object.keys(snippetSchema.shape);
  if (section === 'matching') return Object.keys(matching.shape);
  if (section === 'internal') return Object.keys(internalSchema.shape);
  if (section === 'destinations' && path.length === 2) return Object.keys(destination.shape);
  if (section === 'routing' && path.length === 2) return Object.keys(rule.shape);
  return [];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Milliseconds of "12h" or "30d". */
export function durationMs(value: string): number {
  return Number(value.slice(0, -1)) * (value.endsWith('d') ? DAY_MS : HOUR_MS);
}

function count(haystack: string, needle: string): number {
  return haystack.split(needle).length - 1;
}

function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === value;
}

function isSafeUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '';
}
