import { z } from 'zod';
import { says } from './schema-text.ts';

export const WIDGET_LANGUAGES = ['en', 'ru', 'es', 'pt', 'de', 'tr'] as const;

const businessRule = 'a name of 1 to 100 characters';
const accentRule = 'a colour of six hexadecimal digits in quotes, such as "#0b6b3a"';
const privacyRule = 'a URL that begins with https://, such as https://acme.example/privacy';
const offsetRule = 'a whole number of pixels from 0 to 400';
/** CSS keeps it in 32 bits. */
const MAX_Z_INDEX = 2_147_483_647;
const zIndexRule = `a whole number from 0 to ${MAX_Z_INDEX}`;

/** How the dialog for visitors at a computer looks and speaks. */
export const widgetSchema = z
  .strictObject(
    {
      business: z
        .string({ error: says(businessRule) })
        .min(1, { error: says(businessRule) })
        .max(100, { error: says(businessRule) })
        .optional()
        .describe('Who asks to be allowed to write, as people know the business. Default: the host of the page.'),
      language: z
        .enum(WIDGET_LANGUAGES, { error: says(`one of: ${WIDGET_LANGUAGES.join(', ')}`) })
        .optional()
        .describe('Language of the dialog. Default: that of the page (its lang), else of the browser, else en.'),
      accent: z
        .string({ error: says(accentRule) })
        .regex(/^#[0-9a-fA-F]{6}$/, { error: says(accentRule) })
        .optional()
        .describe('Colour of the main button; the words on it become black or white by themselves. Default "#0b6b3a".'),
      offset: z
        .int({ error: says(offsetRule) })
        .min(0, { error: says(offsetRule) })
        .max(400, { error: says(offsetRule) })
        .optional()
        .describe('Pixels that stay free at the edges of the window, besides what bars of the page take. Default 16.'),
      z_index: z
        .int({ error: says(zIndexRule) })
        .min(0, { error: says(zIndexRule) })
        .max(MAX_Z_INDEX, { error: says(zIndexRule) })
        .optional()
        .describe('Which layers of the page it covers. Default 2147483000, below what banners of consent use.'),
      privacy_url: z
        .string({ error: says(privacyRule) })
        .refine((value) => URL.parse(value)?.protocol === 'https:', { error: () => `must be ${privacyRule}` })
        .optional()
        .describe('Where it says what becomes of a number that somebody leaves. Default: no link.'),
    },
    { error: says('a map of business, language, accent, offset, z_index, privacy_url, or {} for the defaults') },
  )
  .describe(
    'On computers a tap opens a dialog with three ways: the app here, a QR code for the phone, the business writes first. Holds for all placements of kind site that do not say widget: false.',
  );
