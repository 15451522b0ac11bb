/** What a phone number says: its country, and how it is written in E.164. `wa_id` is digits without "+", and not always the number people dial. */
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

const PHONE = /^[1-9]\d{6,14}$/;

/** Calling code → its only country, or undefined where several share it (+1, +7, +44 …). */
const COUNTRIES = new Map<string, string | undefined>();
for (const country of getCountries()) {
  const code = getCountryCallingCode(country);
  COUNTRIES.set(code, COUNTRIES.has(code) ? undefined : country);
}

/** Countries of shared calling codes by leading digits: parsing costs 10 µs, and eight digits decide in every numbering plan. */
const shared = new Map<string, string>();
const DECIDING_DIGITS = 8;
const MAX_REMEMBERED = 20_000;

/** ISO 3166-1 alpha-2 of a `wa_id`; empty when it is no phone number or its country cannot be told. */
export function countryOfPhone(waId: string): string {
  if (!PHONE.test(waId)) return '';
  for (let length = 1; length <= 3; length += 1) {
    const code = waId.slice(0, length);
    if (COUNTRIES.has(code)) return COUNTRIES.get(code) ?? countryOfShared(waId);
  }
  return '';
}

function countryOfShared(waId: string): string {
  const prefix = waId.slice(0, DECIDING_DIGITS);
  const known = shared.get(prefix);
  if (known !== undefined) return known;
  const country = parsePhoneNumberFromString(`+${waId}`)?.country ?? '';
  if (shared.size >= MAX_REMEMBERED) shared.clear();
  shared.set(prefix, country);
  return country;
}

/**
 * E.164 of a `wa_id`; empty when it is no phone number. Three countries changed their plans and WhatsApp kept the old ids:
 * Mexico's 521… is +52…, Brazilian mobiles lack the ninth digit in some areas, and Argentine mobiles need the 9 after 54.
 */
export function phoneOfWaId(waId: string): string {
  if (!PHONE.test(waId)) return '';
  if (/^521\d{10}$/.test(waId)) return `+52${waId.slice(3)}`;
  const brazil = /^(55\d{2})([6-9]\d{7})$/.exec(waId);
  if (brazil !== null) return `+${brazil[1]}9${brazil[2]}`;
  if (/^54[1-8]\d{9}$/.test(waId)) return `+549${waId.slice(2)}`;
  return `+${waId}`;
}
