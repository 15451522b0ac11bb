import { z } from 'zod';
import { says, text } from './schema-text.ts';

const MAX_PARAMETERS = 16;
const parameterRule = 'text of 1 to 1,024 characters';

/** What is sent to whoever leaves a number in the form of a placement. */
export const sendbackSchema = z
  .strictObject(
    {
      template: text('the name of an approved template, 1 to 512 characters', /^.{1,512}$/).describe(
        'Approved template that is sent; with Twilio its content SID.',
      ),
      language: text('the language of the template, such as "en_US"', /^[a-z]{2,3}(?:_[A-Z]{2,4})?$/).describe('Language of the template.'),
      parameters: z
        .array(
          z
            .string({ error: says(parameterRule) })
            .min(1, { error: says(parameterRule) })
            .max(1_024, { error: says(parameterRule) }),
          { error: says('a list of texts, in the order of the placeholders of the body') },
        )
        .max(MAX_PARAMETERS, { error: () => `must be at most ${MAX_PARAMETERS} texts` })
        .optional()
        .describe('Values of the placeholders of its body, in order. Default: none.'),
    },
    { error: says('a map with template and language') },
  )
  .describe('Lets people leave their number on the site and be written to first (POST /v1/sendback). WhatsApp only.');
