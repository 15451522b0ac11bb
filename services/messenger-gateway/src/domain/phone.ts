/** What a phone number says: its country. */
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
  const country = parsePhoneNumberFromString(`+${waId}`)?.country;
  // A number that cannot be says nothing of others that begin alike: remembered, a typing error would have hidden the country of everybody in its area.
  if (country === undefined) return '';
  if (shared.size >= MAX_REMEMBERED) shared.clear();
  shared.set(prefix, country);
  return country;
}
