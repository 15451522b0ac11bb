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
  | { readonly channel: 'telegram'; readonly provider: 'telegram'; readonly username: string }
  | { readonly channel: 'telegram'; readonly provider: 'telegram-business'; readonly username: string }
  | { readonly channel: 'messenger' | 'instagram'; readonly username: string };

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
    case 'whatsapp':
      return `https://wa.me/${account.phone.slice(1)}?text=${draftOf(placement, code, greetingVariant)}`;
    case 'telegram':
      // A person's own account has no start payload; the text opens as a draft.
      if (account.provider === 'telegram-business') return `https://t.me/${account.username}?text=${draftOf(placement, code, greetingVariant)}`;
      return `https://t.me/${account.username}?start=${encodeStartPayload(code, placement.name)}`;
    // Meta, m.me links: `ref` of letters, digits, "-", "_" and "=", at most 2,083; the alphabet of the start payload lies within.
    case 'messenger':
      return `https://m.me/${account.username}?ref=${encodeStartPayload(code, placement.name)}`;
    case 'instagram':
      return `https://ig.me/m/${account.username}?ref=${encodeStartPayload(code, placement.name)}`;
  }
}

function draftOf({ greetings, codeTemplate }: LinkedPlacement, code: string, greetingVariant: number | undefined): string {
  const greeting = greetingVariant === undefined ? '' : (greetings[greetingVariant] ?? '');
  return encodeURIComponent(renderVisible(greeting, code, codeTemplate));
}
