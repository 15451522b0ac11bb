import type { LinkedAccount } from './link.ts';

/**
 * The link that opens the messenger without a code, for the person whose click could be kept nowhere: they reach the business, and their message becomes a
 * lead without this click. Whoever looks at the link sees by the missing code that the click was not taken.
 */
export function plainLink(account: LinkedAccount, greeting: string): string {
  const text = encodeURIComponent(greeting);
  switch (account.channel) {
    case 'whatsapp':
      return `https://wa.me/${account.phone.slice(1)}${text === '' ? '' : `?text=${text}`}`;
    case 'telegram':
      // A bot takes no draft.
      return `https://t.me/${account.username}${text === '' || account.provider === 'telegram' ? '' : `?text=${text}`}`;
    case 'messenger':
      return `https://m.me/${account.username}`;
    case 'instagram':
      return `https://ig.me/m/${account.username}`;
    case 'vk':
      return `https://vk.me/${account.username}`;
    case 'max':
      return `https://max.ru/${account.username}`;
  }
}
