import type { DeviceKind } from './device.ts';

/** Forms of one messenger link for people whose browser does not hand it to the app by itself. */
export interface AppLink {
  readonly messenger: 'WhatsApp' | 'Telegram';
  /** Opens the installed app. */
  readonly app: string;
  /** The usual address. */
  readonly web: string;
}

/**
 * The app's own form of a link of ours; undefined for messengers whose apps have none that is documented, and on computers.
 *
 * iOS takes the scheme, with a question to the person. Android's Chrome refuses schemes without a tap and web views refuse them altogether, so it gets an
 * intent: the app where it is installed, `browser_fallback_url` where not. No package is named: WhatsApp Business and other Telegram apps take the same scheme.
 */
export function appLink(link: string, device: DeviceKind): AppLink | undefined {
  const scheme = schemeOf(link);
  if (scheme === undefined) return undefined;
  const { messenger, name, rest } = scheme;
  switch (device) {
    case 'ios':
      return { messenger, app: `${name}://${rest}`, web: link };
    case 'android':
      return { messenger, app: `intent://${rest}#Intent;scheme=${name};S.browser_fallback_url=${encodeURIComponent(link)};end`, web: link };
    case 'desktop':
    case 'unknown':
      return undefined;
  }
}

interface Scheme {
  readonly messenger: AppLink['messenger'];
  readonly name: 'whatsapp' | 'tg';
  readonly rest: string;
}

/** Values stay percent-encoded as they are: taken apart and put together again, an emoji or a "+" could come out as another. */
function schemeOf(link: string): Scheme | undefined {
  const whatsApp =
    /^https:\/\/wa\.me\/([0-9]+)(?:\?(text=[^#]*))?$/.exec(link) ??
    /^https:\/\/api\.whatsapp\.com\/send\/?\?phone=([0-9]+)(?:&(text=[^#]*))?$/.exec(link);
  if (whatsApp !== null) {
    const [, phone = '', text] = whatsApp;
    return { messenger: 'WhatsApp', name: 'whatsapp', rest: `send?phone=${phone}${text === undefined ? '' : `&${text}`}` };
  }
  const telegram = /^https:\/\/t\.me\/([A-Za-z0-9_]+)(?:\?([^#]*))?$/.exec(link);
  if (telegram === null) return undefined;
  const [, username = '', query] = telegram;
  return { messenger: 'Telegram', name: 'tg', rest: `resolve?domain=${username}${query === undefined ? '' : `&${query}`}` };
}
