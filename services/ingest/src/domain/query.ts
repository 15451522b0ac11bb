/** Node refuses request heads over 16 KiB; within that, what lies beyond these bounds is no link any ad platform makes. */
const MAX_QUERY_LENGTH = 8_192;
const MAX_PAIRS = 100;

const EMPTY: ReadonlyMap<string, string> = new Map();

/** A second "?" before a parameter that links carry: a tool has added its own to an address that had some. */
const SECOND_QUERY = /\?(?=(?:utm_[a-z]+|[a-z_]*clid|[gw]braid)=)/gi;

/**
 * The query of a request target as far as it can be read: names in lower case, the first value of a name that is not empty wins, what is no
 * valid percent-encoding stays as it was sent. Never throws: a click with a broken query is still a click.
 */
export function readQuery(target: string): ReadonlyMap<string, string> {
  const start = target.indexOf('?');
  if (start < 0 || start === target.length - 1) return EMPTY;
  const fragment = target.indexOf('#', start);
  const sent = target.slice(start + 1, Math.min(fragment < 0 ? target.length : fragment, start + 1 + MAX_QUERY_LENGTH));
  const query = sent.includes('?') ? sent.replace(SECOND_QUERY, '&') : sent;
  const values = new Map<string, string>();
  for (const pair of query.split('&', MAX_PAIRS)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    let name = decode(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    // Mail programs and shops escape "&" for HTML twice; then names begin with what is left of "&amp;".
    while (name.startsWith('amp;')) name = name.slice(4);
    // A link with "utm_source=&utm_source=x" says x: an empty one is a template that was not filled in.
    if (name !== '' && !values.get(name)) values.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  return values;
}

function decode(raw: string): string {
  if (!raw.includes('%') && !raw.includes('+')) return raw;
  const spaced = raw.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // "50% off": some platforms send a keyword as it was typed. One sign that means nothing leaves the letters around it readable.
    return spaced.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun);
  }
}

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}
