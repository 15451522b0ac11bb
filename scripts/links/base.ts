/**
 * Scheme and host that links begin with, as --base or PUBLIC_URL give them; undefined: they are none. "go.acme.example:8080" is a URL too, of the scheme
 * "go.acme.example" and without an origin, and of one with a path nothing would lead to that path: both would be printed on a thousand posters.
 */
export function linkBase(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' ? url.origin : undefined;
}

export const BASE_RULE = 'must be scheme and host without path, such as https://go.acme.example';
