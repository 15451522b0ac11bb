import { clip } from './text.ts';

const MAX_URL_LENGTH = 1_024;

/** A page's URL without query and fragment, where e-mail addresses and tokens travel; empty when it is no web URL. */
export function pageUrl(raw: string): string {
  const url = URL.parse(raw);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return '';
  return clip(`${url.origin}${url.pathname}`, MAX_URL_LENGTH);
}
