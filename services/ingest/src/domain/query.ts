/** Node refuses request heads over 16 KiB; within that, what lies beyond these bounds is no link any ad platform makes. */
const MAX_QUERY_LENGTH = 8_192;
const MAX_PAIRS = 100;

const EMPTY: ReadonlyMap<string, string> = new Map();

/**
 * The query of a request target as far as it can be read: names in lower case, the first value of a name wins, a value that is not
 * valid percent-encoding stays as it was sent. Never throws: a click with a broken query is still a click.
 */
export function readQuery(target: string): ReadonlyMap<string, string> {
  const start = target.indexOf('?');
  if (start < 0 || start === target.length - 1) return EMPTY;
  const fragment = target.indexOf('#', start);
  const query = target.slice(start + 1, Math.min(fragment < 0 ? target.length : fragment, start + 1 + MAX_QUERY_LENGTH));
  const values = new Map<string, string>();
  for (const pair of query.split('&', MAX_PAIRS)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    if (name !== '' && !values.has(name)) values.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  return values;
}

function decode(raw: string): string {
  if (!raw.includes('%') && !raw.includes('+')) return raw;
  const spaced = raw.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
