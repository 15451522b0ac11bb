/**
 * Every `wa_id` that a number in E.164 may have. Three countries changed their numbering plans and WhatsApp kept the old ids: Mexico's 521…, Brazilian
 * mobiles without the ninth digit, Argentine mobiles without the 9 after 54.
 */
export function waIdsOf(phone: string): readonly string[] {
  const digits = phone.replaceAll(/\D/g, '');
  const mexico = /^52(\d{10})$/.exec(digits);
  if (mexico !== null) return [digits, `521${mexico[1]}`];
  const brazil = /^(55\d{2})9([6-9]\d{7})$/.exec(digits);
  if (brazil !== null) return [digits, `${brazil[1]}${brazil[2]}`];
  const argentina = /^549(\d{10})$/.exec(digits);
  if (argentina !== null) return [digits, `54${argentina[1]}`];
  return [digits];
}

/**
 * The digits people dial for a `wa_id`, whichever plan it was given under: the one spelling that all ids of a number share. A Brazilian who wrote as 55 11 8765-4321 through
 * one gateway and as 55 11 98765-4321 through another is one person by it. What is no such id comes back as it is.
 */
export function dialledDigits(waId: string): string {
  if (/^521\d{10}$/.test(waId)) return `52${waId.slice(3)}`;
  const brazil = /^(55\d{2})([6-9]\d{7})$/.exec(waId);
  if (brazil !== null) return `${brazil[1]}9${brazil[2]}`;
  if (/^54[1-8]\d{9}$/.test(waId)) return `549${waId.slice(2)}`;
  return waId;
}

/** E.164 of a `wa_id`; empty when it is no phone number. */
export function phoneOfWaId(waId: string): string {
  return /^[1-9]\d{6,14}$/.test(waId) ? `+${dialledDigits(waId)}` : '';
}
