import { isCode } from '@messtrack/tracking-code/tracking-code.ts';
import { z } from 'zod';
import { ANALYTICS_ID_NAMES } from './analytics-ids.ts';
import { readQuery } from './query.ts';
import { CLICK_ID_NAMES } from './source.ts';

/** Bodies of the snippet's beacons. Unknown keys are left out, not refused: an old server must take what a newer snippet sends. */
const ID_RULE = 'must be 1 to 64 characters of A-Z, a-z, 0-9, "_" and "-"';
const id = z.string({ error: ID_RULE }).regex(/^[A-Za-z0-9_-]{1,64}$/, { error: ID_RULE });
/** Pages without consent have none, and may say so with an empty text. */
const optionalId = z
  .string({ error: ID_RULE })
  .regex(/^[A-Za-z0-9_-]{0,64}$/, { error: ID_RULE })
  .optional();
/** A number where text belongs is there, and saying "missing" would send its writer looking in the wrong place. */
function missingOrNotText(issue: { readonly input?: unknown }): string {
  return issue.input === undefined ? 'is missing' : 'must be text';
}

const settingName = z
  .string({ error: missingOrNotText })
  .min(1, { error: 'is missing' })
  .max(63, { error: 'must be at most 63 characters' });

const UTM_NAMES = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'] as const;
const utmValue = z.string({ error: 'must be text' }).max(2_048, { error: 'must be at most 2,048 characters' }).optional();
const utm = z.object(Object.fromEntries(UTM_NAMES.map((name) => [name, utmValue])), {
  error: 'must be a map of utm_source, utm_medium, utm_campaign, utm_content, utm_term',
});
const clickIds = z.object(
  Object.fromEntries(
    CLICK_ID_NAMES.map((name) => [
      name,
      z.string({ error: 'must be text' }).max(1_024, { error: 'must be at most 1,024 characters' }).optional(),
    ]),
  ),
  { error: `must be a map with any of ${CLICK_ID_NAMES.join(', ')}` },
);
const url = z.string({ error: 'must be a URL' }).max(4_096, { error: 'must be at most 4,096 characters' });
const languages = z
  .array(z.string({ error: 'must be text' }).max(35, { error: 'must be a language tag of at most 35 characters' }), {
    error: 'must be a list of language tags',
  })
  .max(32, { error: 'must be at most 32 language tags' });
const time = z.number({ error: 'must be milliseconds since 1970, UTC' }).int({ error: 'must be whole milliseconds' });

const pairs = z.string({ error: 'must be the pairs of a query as text' }).max(8_192, { error: 'must be at most 8,192 characters' });
const sourceFields = {
  utm: utm.optional(),
  click_ids: clickIds.optional(),
  query: pairs.optional(),
  ad_query: pairs.optional(),
  referrer: url.optional(),
};
const touch = z.object({ ...sourceFields, source: utm.optional() }, { error: 'must be an object' });

export const clickSchema = z.object(
  {
    workspace: settingName,
    placement: settingName,
    account: settingName.optional(),
    click_id: id,
    code: z
      .string({ error: missingOrNotText })
      .refine(isCode, { error: () => 'is no tracking code in canonical form with the right checksum' }),
    visit_id: optionalId,
    visitor_id: optionalId,
    time: time.optional(),
    source: utm.optional(),
    ...sourceFields,
    greeting_variant: z
      .number({ error: 'must be the number of the greeting, counted from 0' })
      .int({ error: 'must be a whole number' })
      .min(0, { error: 'must not be negative' })
      .optional(),
    languages: languages.optional(),
  },
  { error: 'must be an object' },
);
export type ClickBody = z.infer<typeof clickSchema>;

/** Beacons that failed are sent again together, at most this many at once. */
const MAX_CLICKS = 50;
const clicksSchema = z
  .array(clickSchema)
  .min(1, { error: 'must hold at least one click' })
  .max(MAX_CLICKS, { error: `must hold at most ${MAX_CLICKS} clicks` });

const MAX_PAGES = 50;
const visitSchema = z.object(
  {
    workspace: settingName,
    visit_id: id,
    visitor_id: optionalId,
    time: time.optional(),
    source: utm.optional(),
    ...sourceFields,
    first_touch: touch.optional(),
    last_touch: touch.optional(),
    landing_page: url.optional(),
    pages: z
      .array(z.object({ url, time: time.optional() }, { error: 'must be an object with url and time' }), {
        error: 'must be a list of pages',
      })
      .max(MAX_PAGES, { error: `must be at most ${MAX_PAGES} pages` })
      .optional(),
    languages: languages.optional(),
    analytics_ids: z
      .object(
        Object.fromEntries(
          ANALYTICS_ID_NAMES.map((name) => [
            name,
            z
              .string({ error: 'must be text: decimal ids exceed what a number holds' })
              .max(256, { error: 'must be at most 256 characters' })
              .optional(),
          ]),
        ),
        { error: 'must be a map of ids by name' },
      )
      .optional(),
    cookies: z.string({ error: 'must be text' }).max(8_192, { error: 'must be at most 8,192 characters' }).optional(),
    ads: z.boolean({ error: 'must be true or false' }).optional(),
  },
  { error: 'must be an object' },
);
export type VisitBody = z.infer<typeof visitSchema>;

export interface BodyProblem {
  /** Keys from the top of the body, joined by dots; empty for the body itself. */
  readonly path: string;
  readonly message: string;
}

export type Checked<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'problems'; readonly problems: readonly BodyProblem[] };

/** One click or a list of them; always given back as a list. */
export function checkClicks(body: unknown): Checked<readonly ClickBody[]> {
  if (Array.isArray(body)) return check(clicksSchema, body);
  const checked = check(clickSchema, body);
  return checked.kind === 'ok' ? { kind: 'ok', value: [checked.value] } : checked;
}

export function checkVisit(body: unknown): Checked<VisitBody> {
  return check(visitSchema, body);
}

export function check<T>(schema: z.ZodType<T>, body: unknown): Checked<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { kind: 'ok', value: parsed.data };
  // A list where text belongs is of the wrong type and, to a rule on lengths, too short as well: the first thing that is wrong with a field says it.
  const problems = new Map<string, BodyProblem>();
  for (const { path: keys, message } of parsed.error.issues) {
    const path = keys.map(String).join('.');
    if (!problems.has(path)) problems.set(path, { path, message });
  }
  return { kind: 'problems', problems: [...problems.values()] };
}

/** Named values of the body in the form a query has, so that both are read by the same rules. */
export function sourceValues(fields: Pick<ClickBody, 'utm' | 'source' | 'click_ids' | 'query' | 'ad_query'>): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of [fields.utm, fields.source, fields.click_ids]) {
    for (const [name, value] of Object.entries(part ?? {})) {
      if (typeof value === 'string' && value !== '' && !values.has(name)) values.set(name, value);
    }
  }
  for (const part of [fields.query, fields.ad_query]) {
    for (const [name, value] of readQuery(`?${part ?? ''}`)) if (value !== '' && !values.has(name)) values.set(name, value);
  }
  return values;
}
