/**
 * Tolerant reading of parsed JSON: what has the wrong type reads as absent, unknown fields do not matter. Written by hand because it is the data path:
 * a schema library walks and copies every field of the payload, these readers touch the twenty that count.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key];
  return isObject(value) ? value : undefined;
}

export function listAt(parent: JsonObject, key: string): readonly unknown[] | undefined {
  const value = parent[key];
  return Array.isArray(value) ? value : undefined;
}

/** Empty when absent or no string. */
export function stringAt(parent: JsonObject | undefined, key: string, maxLength = 65_536): string {
  const value = parent?.[key];
  return typeof value === 'string' ? (value.length > maxLength ? value.slice(0, maxLength) : value) : '';
}

/** The first of several spellings that holds a text; empty when none does. */
export function firstStringAt(parent: JsonObject | undefined, keys: readonly string[], maxLength?: number): string {
  for (const key of keys) {
    const value = stringAt(parent, key, maxLength);
    if (value !== '') return value;
  }
  return '';
}

/**
 * An id as text: a non-empty string, or a whole number within 53 bits (Telegram's ids go to 52). Undefined when absent, of another type, or longer
 * than any id of the platforms; such a value would break the bound of event ids.
 */
export function idAt(parent: JsonObject | undefined, key: string, maxLength = 150): string | undefined {
  const value = parent?.[key];
  if (typeof value === 'string') return value !== '' && value.length <= maxLength ? value : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** True, its name or 1: what senders of other languages and proxies write for it turns a forward or an echo into a message of the person otherwise. */
export function flagAt(parent: JsonObject | undefined, key: string): boolean {
  const value = parent?.[key];
  return value === true || value === 'true' || value === 1 || value === '1';
}

/** False, its name or 0, and not what is absent. */
export function isDeniedAt(parent: JsonObject | undefined, key: string): boolean {
  const value = parent?.[key];
  return value === false || value === 'false' || value === 0 || value === '0';
}

/** Neither absent nor null: many senders write null for what is not there. */
export function hasAt(parent: JsonObject, key: string): boolean {
  const value = parent[key];
  return value !== undefined && value !== null;
}
