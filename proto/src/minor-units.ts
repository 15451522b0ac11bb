export interface MoneyValue {
  /** Cents, kopecks; whole units of a currency that has none. 0 when there is no value. */
  readonly valueMinor: number;
  /** ISO 4217, upper case; empty when there is no value. */
  readonly currency: string;
}

const NOTHING: MoneyValue = { valueMinor: 0, currency: '' };

/**
 * An amount in whole units, as a number or its text, with its currency. How many digits a currency has is CLDR's (ISO 4217): two for most, none for JPY, three for KWD. Nothing
 * where either is missing or no amount of money: half of a value would be added up with whole ones.
 */
export function minorUnits({ value, currency }: { readonly value?: unknown; readonly currency?: unknown }): MoneyValue {
  const amount = typeof value === 'string' && /^-?\d{1,12}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount === 0) return NOTHING;
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) return NOTHING;
  const code = currency.toUpperCase();
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2;
  const valueMinor = Math.round(amount * 10 ** digits);
  return Number.isSafeInteger(valueMinor) ? { valueMinor, currency: code } : NOTHING;
}
