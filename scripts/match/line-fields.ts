import { parseIsoTime } from './iso-time.ts';

/** Longest id, account, contact, code, campaign … that is taken. */
const MAX_TEXT = 512;
/** Above this the numbers of greetings are no numbers of greetings. */
const MAX_GREETING = 65_535;

export interface GivenPlace {
  readonly country: string;
  readonly region: string;
}

/** What separates parts of keys and of hashes further on; no id holds it on purpose. */
function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

/**
 * Reads the fields of one line and collects everything that is wrong with it. A field that is absent, null or an empty text is missing
 * evidence; only a required one is then a problem. Messages repeat no values: lines hold phone numbers and texts of people.
 */
export class LineFields {
  readonly problems: string[] = [];
  private readonly record: Readonly<Record<string, unknown>>;

  constructor(record: Readonly<Record<string, unknown>>) {
    this.record = record;
  }

  /** A whole number counts as its digits: exports write ids and phones so. */
  requiredText(name: string): string {
    const value = this.record[name];
    if (value === undefined || value === null) return this.wrong(`${name} is missing`, '');
    const text = this.readText(name, value);
    if (text === '') this.wrong(`${name} is empty`, '');
    return text ?? '';
  }

  /** Required, and may be empty where nothing is known. */
  presentText(name: string): string {
    const value = this.record[name];
    if (value === undefined || value === null) return this.wrong(`${name} is missing`, '');
    return this.readText(name, value) ?? '';
  }

  text(name: string): string {
    const value = this.record[name];
    return value === undefined || value === null ? '' : (this.readText(name, value) ?? '');
  }

  /** What a person wrote: any length, any characters. */
  prose(name: string): string {
    const value = this.record[name];
    if (value === undefined || value === null) return '';
    return typeof value === 'string' ? value : this.wrong(`${name} must be text`, '');
  }

  /** Milliseconds since the Unix epoch; 0 beside a problem. */
  requiredTime(name: string): number {
    const value = this.record[name];
    if (value === undefined || value === null) return this.wrong(`${name} is missing`, 0);
    return this.readTime(name, value);
  }

  time(name: string): number | undefined {
    const value = this.record[name];
    return value === undefined || value === null ? undefined : this.readTime(name, value);
  }

  /** Undefined when absent, null when the line says so. */
  greeting(name: string): number | null | undefined {
    const value = this.record[name];
    if (value === undefined || value === null) return value;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_GREETING) return value;
    return this.wrong(`${name} must be a whole number from 0 to ${MAX_GREETING}`, undefined);
  }

  fraction(name: string): number | undefined {
    const value = this.record[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    return this.wrong(`${name} must be a number from 0 to 1`, undefined);
  }

  flag(name: string): boolean {
    const value = this.record[name];
    if (value === undefined || value === null) return false;
    return typeof value === 'boolean' ? value : this.wrong(`${name} must be true or false`, false);
  }

  /** `unknown` says the same as absence. */
  choice<T extends string>(name: string, choices: ReadonlySet<T>): T | 'unknown' {
    const value = this.record[name];
    if (value === undefined || value === null || value === '' || value === 'unknown') return 'unknown';
    for (const choice of choices) if (choice === value) return choice;
    return this.wrong(`${name} must be one of ${[...choices].join(', ')}`, 'unknown');
  }

  textList(name: string): readonly string[] {
    const value = this.record[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return this.wrong(`${name} must be a list of texts`, []);
    const texts: string[] = [];
    for (const item of value as readonly unknown[]) {
      if (typeof item !== 'string' || item.length > MAX_TEXT) return this.wrong(`${name} must be a list of texts`, []);
      texts.push(item);
    }
    return texts;
  }

  /** An object inside the line, with its own fields under "name."; undefined when absent. */
  nested<T>(name: string, read: (fields: LineFields) => T): T | undefined {
    const value = this.record[name];
    if (value === undefined || value === null) return undefined;
    if (!isRecord(value)) return this.wrong(`${name} must be an object`, undefined);
    const fields = new LineFields(value);
    const result = read(fields);
    for (const problem of fields.problems) this.problems.push(`${name}.${problem}`);
    return result;
  }

  /** Undefined when absent or without a country: a region alone is compared with nothing. */
  place(name: string): GivenPlace | undefined {
    const place = this.nested(name, (fields) => ({ country: fields.country('country'), region: fields.text('region') }));
    return place === undefined || place.country === '' ? undefined : place;
  }

  private country(name: string): string {
    const text = this.text(name);
    if (text === '') return '';
    return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : this.wrong(`${name} must be two letters of ISO 3166-1`, '');
  }

  /** Undefined beside a problem. */
  private readText(name: string, value: unknown): string | undefined {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text !== 'string') return this.wrong(`${name} must be text`, undefined);
    if (text.length > MAX_TEXT) return this.wrong(`${name} is longer than ${MAX_TEXT} characters`, undefined);
    if (hasControl(text)) return this.wrong(`${name} holds control characters`, undefined);
    return text;
  }

  private readTime(name: string, value: unknown): number {
    const timeMs = typeof value === 'string' ? parseIsoTime(value) : undefined;
    return timeMs ?? this.wrong(`${name} must be a time of ISO 8601 between 2000 and 2100, such as 2026-03-01T10:00:00.000Z`, 0);
  }

  private wrong<T>(problem: string, instead: T): T {
    this.problems.push(problem);
    return instead;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line as an object, or what is wrong with it. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  return isRecord(value) ? value : 'is no JSON object';
}
