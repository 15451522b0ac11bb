/** A link of ours: all else keeps its address. */
const LINK = /^\/+(?:t|go)\//i;
/** Where the path ends. Names hold none of these, so "&utm_source=…" and "%3Futm_source%3D…" begin a query that somebody joined or escaped wrongly. */
const END = /[?&#]|%3f|%26/i;
/** Closing marks and spaces of the sentence that a link was copied out of, as browsers send them. */
const TRAILING = /(?:[.,;:!'")\]>*_]|%20|%22|%5d|%7d|%3e|%c2%bb|%e2%80%9[9d]|%e2%80%a6)+$/i;

/**
 * The address of a link as it was meant. People copy links out of sentences and tools join addresses; each of these was an error page for somebody
 * who had tapped an ad. What is left still has to be the name of a placement.
 */
export function meantAddress(target: string): string {
  if (!LINK.test(target)) return target;
  const end = target.search(END);
  const path = end < 0 ? target : target.slice(0, end);
  const rest = end < 0 ? '' : target.slice(end);
  // Names are of small letters. Printers write addresses in capitals, because a QR code of capitals and digits alone has fewer modules.
  return path.replace(TRAILING, '').toLowerCase() + meantQuery(rest);
}

function meantQuery(rest: string): string {
  if (rest === '' || rest.startsWith('?') || rest.startsWith('#')) return rest;
  if (rest.startsWith('&')) return `?${rest.slice(1)}`;
  // The whole query was escaped, with its "=" and "&".
  return `?${rest.slice(3).replace(/%3d/gi, '=').replace(/%26/gi, '&')}`;
}
