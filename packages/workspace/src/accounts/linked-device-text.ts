/** Two ways for a gateway on a machine of your own to prove itself; one of them is needed. */
import type { z } from 'zod';
import { baseUrl } from './account-text.ts';

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

/** A server of the agency's own, which only they know. The operator of the gateway decides whether it may stand in a network of their own (PRIVATE_API_HOSTS). */
export function ownApiUrl(product: string): z.ZodOptional<z.ZodString> {
  return baseUrl(`the address of ${product}, such as "https://wa.acme.example"`)
    .optional()
    .describe(
      `Address of the API of ${product}; without it nothing can be sent. Addresses in private networks are refused unless the gateway allows them.`,
    );
}
