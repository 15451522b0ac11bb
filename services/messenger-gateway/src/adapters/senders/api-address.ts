import type { CallRequest } from '../provider-call.ts';

/** `path` behind the path of the base. Parts of it that come from a file or a caller are encoded by whoever puts them in. */
export function under(base: URL, path: string): URL {
  return new URL(`${base.pathname.replace(/\/+$/, '')}/${path}`, base);
}

export function jsonPost(url: URL, headers: Readonly<Record<string, string>>, body: unknown): CallRequest {
  return jsonPostText(url, headers, JSON.stringify(body));
}

export function jsonPostText(url: URL, headers: Readonly<Record<string, string>>, body: string): CallRequest {
  return { url, headers: { ...headers, 'content-type': 'application/json' }, body };
}
