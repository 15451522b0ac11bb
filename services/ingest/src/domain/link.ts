import { renderMessageText, splitTemplate } from '@messtrack/tracking-code/message-text.ts';
import { encodeStartPayload } from '@messtrack/tracking-code/start-payload.ts';
import { type Carrier, displayCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';

export interface LinkedPlacement {
  readonly name: string;
  readonly greetings: readonly string[];
  /** Holds `{greeting}` and `{code}`. */
  readonly codeTemplate: string;
  readonly carriers: readonly Carrier[];
}

export type LinkedAccount =
  | { readonly channel: 'whatsapp' /** E.164 with "+". */; readonly phone: string }
  | { readonly channel: 'telegram'; readonly provider: 'telegram'; readonly username: string }
  | { readonly channel: 'telegram'; readonly provider: 'telegram-business' | 'wazzup' | 'green-api' | 'chatapp'; readonly username: string }
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
    case 'whatsapp':
      return whatsAppLink(account.phone.slice(1), placement, code, greetingVariant);
    case 'telegram':
      // A person's own account has no start payload; the text opens as a draft.
      if (account.provider !== 'telegram')
        return `https://t.me/${account.username}?text=${encodeURIComponent(draftOf(placement, code, greetingVariant))}`;
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

/** Everything above U+FFFF, where most emoji are, and the old symbols that are drawn in colour, by themselves or for the selector behind them. */
const EMOJI = /[\u{10000}-\u{10ffff}]|\p{Emoji_Presentation}|\ufe0f/u;

/**
 * wa.me sends desktops on to WhatsApp's web and desktop clients in a way that turns emoji into U+FFFD; the address that it forwards to takes them
 * as they are. wa.me stays for everything else: it is the documented form and the shorter one.
 */
function whatsAppLink(digits: string, placement: LinkedPlacement, code: string, greetingVariant: number | undefined): string {
  const prepared = preparedDraft(placement, greetingVariant);
  if (prepared !== undefined) return linkWith(prepared.hasEmoji, digits, prepared.around.join(displayCode(code)));
  const text = draftOf(placement, code, greetingVariant);
  return linkWith(EMOJI.test(text), digits, encodeURIComponent(text));
}

function linkWith(hasEmoji: boolean, digits: string, encodedText: string): string {
  return hasEmoji ? `https://api.whatsapp.com/send?phone=${digits}&text=${encodedText}` : `https://wa.me/${digits}?text=${encodedText}`;
}

/** A draft but for its code. */
interface PreparedDraft {
  /** Text around the places of the code, encoded for a link. */
  readonly around: readonly string[];
  readonly hasEmoji: boolean;
}

/** As many per placement as it has greetings, and gone with it: a reload of the workspace makes new placements. */
const prepared = new WeakMap<LinkedPlacement, Map<string, PreparedDraft>>();

/**
 * Filling in the template, looking for emoji and encoding are the same for every click of a placement but for the code, which is letters, digits and a dash: nothing
 * that a link encodes, nothing that is an emoji. Undefined for other carriers, whose place depends on the text or whose symbols are emoji.
 */
function preparedDraft(placement: LinkedPlacement, greetingVariant: number | undefined): PreparedDraft | undefined {
  const { greetings, codeTemplate, carriers } = placement;
  if (carriers.length !== 1 || carriers[0] !== 'visible') return undefined;
  let drafts = prepared.get(placement);
  if (drafts === undefined) {
    drafts = new Map();
    prepared.set(placement, drafts);
  }
  const greeting = greetingOf(greetings, greetingVariant);
  let draft = drafts.get(greeting);
  if (draft === undefined) {
    const around = splitTemplate(codeTemplate, greeting);
    draft = { around: around.map(encodeURIComponent), hasEmoji: around.some((text) => EMOJI.test(text)) };
    drafts.set(greeting, draft);
  }
  return draft;
}

function greetingOf(greetings: readonly string[], greetingVariant: number | undefined): string {
  return greetingVariant === undefined ? '' : (greetings[greetingVariant] ?? '');
}

function draftOf({ greetings, codeTemplate, carriers }: LinkedPlacement, code: string, greetingVariant: number | undefined): string {
  const greeting = greetingOf(greetings, greetingVariant);
  const text = renderMessageText({
    greeting,
    code,
    template: codeTemplate,
    carriers: carriers.filter((carrier) => carrier !== 'start_payload'),
  });
  // A workspace file whose greeting has no place for an invisible code is refused; a text without its code would be worse than one that shows it.
  return text ?? renderVisible(greeting, code, codeTemplate);
}
