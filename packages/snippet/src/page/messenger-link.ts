/** A link that opens a messenger, in any form that sites use. */
export interface MessengerLink {
  /** Messenger and account: the host that names it, a colon, and the digits of the number or the user name in lower case. */
  readonly to: string;
  /** The draft that the link brings along; empty when none. */
  readonly text: string;
  /** What a bot gets from the link (`start`, `startapp`, `ref`, …), with its name; empty when nothing. */
  readonly payload: string;
  /** `whatsapp:` and `tg:`, also inside Android's `intent:`. */
  readonly isApp: boolean;
}

/** Browsers read the host of `whatsapp://send` as a path, or since 2024 as a host: as a web address it is the same in all of them. */
const APP = /^(whatsapp|tg|intent):(\/\/)?/i;

export function readLink(href: string): MessengerLink | undefined {
  try {
    const { hostname, pathname, search, searchParams, hash } = new URL(href.replace(APP, 'https://'), 'https://0');
    // Android's form wraps another scheme: intent://send?phone=…#Intent;scheme=whatsapp;…;end
    const scheme = (/;scheme=(\w+)/i.exec(hash) ?? APP.exec(href))?.[1]?.toLowerCase();
    const [, first = '', second = ''] = pathname.split('/');
    const value = (name: string): string => searchParams.get(name) ?? '';
    let host = hostname.replace(/^www\.|^(api|web)\.(?=whatsapp)/, '');
    let address: string | undefined = '';
    if (host === 'wa.me') address = /^\+?(\d+)$/.exec(first)?.[1];
    else if (scheme === 'whatsapp' || (host === 'whatsapp.com' && first === 'send')) {
      host = 'wa.me';
      address = value('phone').replace(/\D/g, '');
    } else if (host === 'ig.me') address = second;
    else if (/^(m\.me|vk\.me|max\.ru)$/.test(host)) address = first;
    else {
      address = scheme === 'tg' ? value('domain') : /^(\w+)\.t\.me$/.exec(host)?.[1];
      if (!second && /^(t\.me|telegram\.(me|dog))$/.test(host)) address = first;
      host = 't.me';
    }
    return address
      ? {
          to: `${host}:${address.toLowerCase()}`,
          text: value('text'),
          payload: /[?&]((start|ref=)[^&]*)/.exec(search)?.[1] ?? '',
          isApp: scheme === 'whatsapp' || scheme === 'tg',
        }
      : undefined;
  } catch {
    // No address at all.
    return undefined;
  }
}

/** The same link with one parameter set; everything else of it stays byte for byte, and the link inside an intent is set as well. */
export function withParameter(href: string, name: string, value: string): string {
  // Matches any text, and every group of it.
  const [, base, query, fragment] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(href) as unknown as [string, string, string, string];
  const pairs = query.split('&').filter((pair) => pair && pair.split('=')[0] !== name);
  // "+" for a space is not understood by every client. "'" stays in no `href` that a browser has read.
  pairs.push(`${name}=${encodeURIComponent(value).replace(/'/g, '%27')}`);
  const rest = fragment.replace(
    /(S\.browser_fallback_url=)([^;]+)/,
    (_, key: string, fallback: string) => key + encodeURIComponent(withParameter(decodeURIComponent(fallback), name, value)),
  );
  return `${base}?${pairs.join('&')}${rest}`;
}

/** What a link is apart from its spelling: browsers escape what `href` holds when a page reads it. */
export function keyOf({ to, text, payload }: MessengerLink): string {
  return [to, payload, text].join();
}
