/** Two ways for a gateway on a machine of your own to prove itself; one of them is needed. */
import type { z } from 'zod';

/** Adds a finding when none of the keys is there: an account without proof would take messages from anybody. */
export function needsOneOf<K extends string>(
  ...keys: readonly K[]
): (file: Readonly<Partial<Record<K, unknown>>>, context: z.RefinementCtx) => void {
  return (file, context) => {
    if (keys.some((key) => file[key] !== undefined)) return;
    context.addIssue({
      code: 'custom',
      path: [keys[0]!],
      message: `is missing; write ${keys.join(' or ')}: without one anybody could send webhooks`,
    });
  };
}
