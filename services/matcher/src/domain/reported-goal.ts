import { minorUnits } from '@messtrack/proto/minor-units.ts';
import { z } from 'zod';

/** A goal as a CRM, a shop or a bot reports it: the body of POST /v1/goals, checked. */
export interface ReportedGoal {
  /** The lead itself, or the person as `GET /v1/leads` takes them. */
  readonly of: { readonly leadId: string } | { readonly account: string; readonly contact: string };
  /** The reporter's own; undefined where it gave none. */
  readonly id: string | undefined;
  readonly name: string;
  /** Milliseconds since the Unix epoch, UTC; undefined is now. */
  readonly atMs: number | undefined;
  /** Minor units of `currency`; negative for what was given back, 0 when there is none. */
  readonly valueMinor: number;
  readonly currency: string;
}

export interface Problem {
  readonly field: string;
  readonly message: string;
}

export type CheckedGoal =
  | { readonly kind: 'ok'; readonly goal: ReportedGoal }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export const LEAD_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;
export const LEAD_ID_RULE = 'a lead id has 26 characters of Crockford base32';
/** Names under it are a platform's own guesses (detected-goal.ts): whoever sums up goals has to be able to leave them out. */
const DETECTED = /^meta\./i;
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** Clocks of shops are off by minutes, their zones by half a day. */
const MOST_AHEAD_MS = 86_400_000;
/** A misspelt currency would be a currency of its own in every sum. */
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const TIME_RULE = 'must be a time of ISO 8601 with its offset, such as "2026-03-01T10:00:00Z"';
const VALUE_RULE = 'must be an amount in whole units, such as 129.9 or "129.90"';

function textOf(most: number) {
  const rule = `must be text of 1 to ${most} characters without control characters`;
  return z
    .string({ error: ({ input }) => (input === undefined ? 'is missing' : rule) })
    .trim()
    .refine((text) => text.length >= 1 && text.length <= most && !/\p{Cc}/u.test(text), { error: rule });
}

/** Unknown keys are refused: `amount` instead of `value` would be a sale without a value, which nobody notices. */
const schema = z.strictObject(
  {
    lead_id: z.string({ error: 'must be text' }).toLowerCase().regex(LEAD_ID, { error: LEAD_ID_RULE }).optional(),
    account: textOf(63).optional(),
    contact: textOf(256).optional(),
    id: textOf(100).optional(),
    name: textOf(64).refine((name) => !DETECTED.test(name), { error: 'must not begin with "meta.": that is what Meta detects by itself' }),
    time: z.iso.datetime({ offset: true, error: TIME_RULE }).optional(),
    value: z.union([z.number(), z.string().regex(/^-?\d{1,12}(?:\.\d{1,6})?$/, { error: VALUE_RULE })], { error: VALUE_RULE }).optional(),
    currency: z
      .string({ error: 'must be text' })
      .toUpperCase()
      .refine((currency) => CURRENCIES.has(currency), { error: 'must be a currency of ISO 4217, such as "EUR"' })
      .optional(),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' ? `has unknown keys: ${(keys as readonly string[]).join(', ')}` : 'must be a JSON object',
  },
);

/** Every problem at once. */
export function checkGoal(body: unknown, nowMs: number): CheckedGoal {
  const parsed = schema.safeParse(body);
  const problems: Problem[] = [];
  for (const { path, message } of parsed.error?.issues ?? []) problems.push({ field: path.join('.') || 'body', message });
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) problems.push(...unpaired(body));
  if (!parsed.success || problems.length > 0) return { kind: 'invalid', problems };

  const { lead_id: leadId, account = '', contact = '', id, name, time, value, currency } = parsed.data;
  const atMs = time === undefined ? undefined : Date.parse(time);
  if (atMs !== undefined && !(atMs >= EARLIEST_MS && atMs <= nowMs + MOST_AHEAD_MS))
    problems.push({ field: 'time', message: 'must be after 1999 and at most a day ahead' });
  const money = minorUnits({ value, currency });
  // Nothing comes of an amount too large to be counted in cents.
  if (money.currency === '' && Number(value ?? 0) !== 0) problems.push({ field: 'value', message: VALUE_RULE });
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'ok', goal: { of: leadId === undefined ? { account, contact } : { leadId }, id, name, atMs, ...money } };
}

/** Fields that say something only with others beside them, or without them. */
function unpaired(body: object): readonly Problem[] {
  const has = (field: string): boolean => field in body;
  const problems: Problem[] = [];
  const isNamed = has('lead_id') ? !has('account') && !has('contact') : has('account') && has('contact');
  if (!isNamed) problems.push({ field: 'lead_id', message: 'give lead_id, or account and contact, and not both' });
  if (has('value') && !has('currency')) problems.push({ field: 'currency', message: 'is missing beside value' });
  if (has('currency') && !has('value')) problems.push({ field: 'value', message: 'is missing beside currency' });
  return problems;
}
