import { readLink, withParameter } from '../page/messenger-link.ts';
import type { Tap } from '../widget-settings.ts';

/** The same click by different roads: every link holds the one code of the tap. */
export interface Ways {
  /** The messenger as people call it. */
  readonly messenger: string;
  /** What the QR code says: the web form, which every phone hands to the app. */
  readonly phone: string;
  /** Opens the app of this computer, or the messenger's own page where there is none. */
  readonly app: string;
  /** Opens the messenger in a tab of this browser; undefined where it has no documented address for that. */
  readonly web: string | undefined;
  /** True when a draft stands in the chat; bots get a payload instead and a button to press. */
  readonly hasDraft: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  'wa.me': 'WhatsApp',
  't.me': 'Telegram',
  'm.me': 'Messenger',
  'ig.me': 'Instagram',
  'vk.me': 'VK',
  'max.ru': 'MAX',
};

export function waysOf({ href, placement: { base } }: Tap): Ways {
  const { to = '', text = '', payload = '' } = readLink(href) ?? {};
  const [host = '', address = ''] = to.split(':');
  const phone = text ? withParameter(base, 'text', text) : payload ? `${base}?${payload}` : base;
  return {
    messenger: NAMES[host] ?? host,
    phone,
    // web.whatsapp.com is the other way.
    app: /^https:\/\/web\./.test(href) ? phone : href,
    web: host === 'wa.me' ? withParameter(`https://web.whatsapp.com/send?phone=${address}`, 'text', text) : undefined,
    hasDraft: text !== '',
  };
}
