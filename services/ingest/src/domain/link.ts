import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';

export interface LinkedPlacement {
  readonly name: string;
  readonly greetings: readonly string[];
  /** Holds `{greeting}` and `{code}`. */
  readonly codeTemplate: string;
}

export type LinkedAccount =
  | { readonly channel: 'whatsapp' /** E.164 with "+". */; readonly phone: string }
  | { readonly channel: 'telegram'; readonly username: string }
  | { readonly channel: 'messenger' | 'instagram' | 'vk' | 'max'; readonly username: string };

/**
 * The link that opens the messenger with the code in it. WhatsApp takes a number of digits only and the draft in `text`;
 * `encodeURIComponent`, because "+" for a space is not understood by every client. Telegram bots take `start` and no text.
 */
export function messengerLink(
  account: LinkedAccount,
  placement: LinkedPlacement,
  code: string,
  greetingVariant: number | undefined,
): string {
  switch (account.channel) {
    case 'whatsapp': {
      const greeting = greetingVariant === undefined ? '' : (placement.greetings[greetingVariant] ?? '');
      return `https://wa.me/${account.phone.slice(1)}?text=${encodeURIComponent(renderVisible(greeting, code, placement.codeTemplate))}`;
    }
    case 'telegram':
      return `https://t.me/${account.username}?start=${encodeStartPayload(code, placement.name)}`;
    // Meta, m.me links: `ref` of letters, digits, "-", "_" and "=", at most 2,083; the alphabet of the start payload lies within.
    case 'messenger':
      return `https://m.me/${account.username}?ref=${encodeStartPayload(code, placement.name)}`;
    case 'instagram':
      return `https://ig.me/m/${account.username}?ref=${encodeStartPayload(code, placement.name)}`;
    // VK gives `ref` back with the first message (message.ref).
    case 'vk':
      return `https://vk.me/${account.username}?ref=${encodeStartPayload(code, placement.name)}`;
    // MAX, help/deeplinks: at most 128 characters, given back with bot_started.
    case 'max':
      return `https://max.ru/${account.username}?start=${encodeStartPayload(code, placement.name)}`;
  }
}
