import { z } from 'zod';
import type { BodyProblem, Checked } from './beacon.ts';

/** What somebody says of an account: a monitor, a CRM, a person. */
export interface AccountReport {
  readonly isWell: boolean;
  /** How long an account stays out of its pools. Milliseconds. Nobody remembers to put one back, so it comes back by itself. */
  readonly forMs: number;
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 1_440 * MINUTE_MS };
const DEFAULT_FOR_MS = 60 * MINUTE_MS;
const MAX_FOR_MS = 7 * 1_440 * MINUTE_MS;
const RULE = 'must be a duration of 1m to 7d, such as 30m, 2h or 1d';

const reportSchema = z.object(
  {
    well: z.boolean({ error: 'must be true or false' }),
    for: z
      .string({ error: RULE })
      .regex(/^[0-9]{1,5}[mhd]$/, { error: RULE })
      .refine((text) => durationMs(text) >= MINUTE_MS && durationMs(text) <= MAX_FOR_MS, { error: RULE })
      .optional(),
  },
  { error: 'must be an object' },
);

export function checkReport(body: unknown): Checked<AccountReport> {
  const parsed = reportSchema.safeParse(body);
  if (parsed.success) {
    const { well, for: duration } = parsed.data;
    return { kind: 'ok', value: { isWell: well, forMs: duration === undefined ? DEFAULT_FOR_MS : durationMs(duration) } };
  }
  const problems: readonly BodyProblem[] = parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  return { kind: 'problems', problems };
}

function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? Number.NaN);
}
