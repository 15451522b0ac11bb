/**
 * One emoji per symbol of a code, so that a lost, doubled or swapped emoji is one slip of the code and repaired as one.
 *
 * All 32 are single code points of Unicode 6 that are drawn as emoji by default (`Emoji_Presentation`): no variation selector to lose, no skin tone to
 * gain, no joiner, no flag, and fonts since 2015 have them. None has a twin that people or input methods take for it (🍏 beside 🍎, 🐪 beside 🐫), none
 * is among the emoji that people write to a shop, and none is a gesture, a weapon, a drink or an animal that offends somewhere.
 * The order is part of every code ever sent: it never changes.
 */
import { SYMBOLS } from './alphabet.ts';
import type { TrackingCode } from './tracking-code.ts';

const EMOJI = '🍋🍇🍓🍍🍒🌽🍉🍄🌵🌻🌴🍁🐢🐙🐝🐘🐧🐬🐞🎈🎸🎺🎲🎹🔑🔔🚂🚲🚁🔭🍩🐌';

/** By symbol value, 0 to 31. */
export const EMOJI_SYMBOLS: readonly string[] = [...EMOJI];

/** Code points that hold all of them: two first halves of surrogate pairs. */
export const EMOJI_BLOCK = { from: 0x1f300, to: 0x1f700 } as const;

/** The code as ten emoji, nothing between them. */
export function encodeEmoji(code: TrackingCode): string {
  let text = '';
  for (const symbol of code) text += EMOJI_SYMBOLS[SYMBOLS.indexOf(symbol)] ?? '';
  return text;
}
