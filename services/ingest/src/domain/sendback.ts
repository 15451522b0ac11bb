import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { type Checked, check, clickSchema } from './beacon.ts';

const PHONE_RULE = 'must be a phone number with its country code, such as "+14155550123", or a national one with "country" beside it';
const phone = z.string({ error: 'must be text' }).max(40, { error: PHONE_RULE });
const country = z
  .string({ error: 'must be text' })
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a country code of two letters, such as "US"' });
const telegram = z
  .string({ error: 'must be text' })
  .regex(/^@?[A-Za-z][A-Za-z0-9_]{3,31}$/, { error: 'must be a Telegram user name, such as "@ann_example"' });

/**
 * The body of POST /v1/sendback: a click, and where the person wants to be written to. With the code of a click that a tap has made it is that click;
 * without, a click of its own. Unknown keys are left out.
 */
const sendbackSchema = clickSchema
  .extend({
    code: clickSchema.shape.code.optional(),
    phone: phone.optional(),
    country: country.optional(),
    telegram: telegram.optional(),
    // Anything but a plain yes is none: the business has to be able to show that the person agreed.
    consent: z.literal(true, { error: 'must be true: the person has to agree to be written to' }),
  })
  .transform((body, context) => {
    const e164 = body.phone === undefined ? undefined : toE164(body.phone, body.country);
    if (body.phone !== undefined && e164 === undefined) context.addIssue({ code: 'custom', path: ['phone'], message: PHONE_RULE });
    if (body.phone === undefined && body.telegram === undefined)
      context.addIssue({ code: 'custom', path: ['phone'], message: 'is missing; give phone, or telegram' });
    return { ...body, phone: e164 };
  });

export type SendbackBody = z.output<typeof sendbackSchema>;

export function checkSendback(body: unknown): Checked<SendbackBody> {
  return check(sendbackSchema, body);
}

/** Undefined for what is no number that could exist. People write numbers as they please: spaces, dashes, brackets, a leading 00. */
export function toE164(value: string, countryCode: string | undefined): string | undefined {
  const plain = value.trim().replace(/^00/, '+');
  const region = countryCode?.toUpperCase() as Parameters<typeof parsePhoneNumberFromString>[1];
  const parsed = parsePhoneNumberFromString(plain, region === undefined ? {} : { defaultCountry: region as never });
  return parsed?.isValid() === true && parsed.ext === undefined ? parsed.number : undefined;
}
