import { z } from 'zod';
import { says } from './schema-text.ts';
import { widgetSchema } from './widget-schema.ts';

/** Settings of the script that sites embed. */
export const snippetSchema = z
  .strictObject(
    {
      consent: z
        .enum(['ask', 'assumed'], { error: says('one of: ask, assumed') })
        .optional()
        .describe(
          'Whether browsers keep a visit before anybody was asked. ask: not before Google Consent Mode, an IAB TCF banner or the page itself says so. assumed: until one of them denies it. Default: ask.',
        ),
      widget: widgetSchema.optional(),
    },
    { error: says('a map with consent and widget') },
  )
  .describe('The script that sites embed, GET /s/{workspace}.js.');
