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
