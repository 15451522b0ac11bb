const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const TENTH = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** A narrow space that does not break: a number and its sign stay on one line. */
const NARROW = '\u202f';

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Expected leads: tenths where they say something. */
export function expected(value: number): string {
  return value < 100 ? TENTH.format(value) : WHOLE.format(value);
}

/** `12.3 %`; small shares do not vanish, and nearly all is not all. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return `<${NARROW}0.1${NARROW}%`;
  if (value < 100 && value > 99.9) return `>${NARROW}99.9${NARROW}%`;
  return `${TENTH.format(value)}${NARROW}%`;
}

/** `3 Mar 2026`, UTC. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
}

/** `3 Mar 2026, 14:05`, UTC. */
export function minute(timeMs: number): string {
  const date = new Date(timeMs);
  return `${day(date.toISOString())}, ${date.toISOString().slice(11, 16)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
