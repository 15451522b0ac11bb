/** Texts that cost most per character: every window passes the cheap tests, or every character opens something that never closes. */
import { encodeEmoji } from '@messtrack/tracking-code/emoji-alphabet.ts';
import { encodeInvisible } from '@messtrack/tracking-code/invisible-alphabet.ts';
import { displayCode } from '@messtrack/tracking-code/tracking-code.ts';

const CODE = 'DX3R6FQG8Q';
const hidden = encodeInvisible(CODE);

export const HOSTILE_UNITS: Readonly<Record<string, string>> = {
  'letters and digits': 'A2',
  'spaced letters and digits': 'A2 ',
  'dashed letters and digits': 'A-2',
  'zero-width between': 'A2\u200b',
  'foreign letters between': 'A2ж',
  'nearly codes': '2A2AA-2A2AA ',
  'codes side by side': `${displayCode(CODE)} `,
  'damaged codes side by side': `${displayCode(CODE).slice(1)} `,
  'digits far apart': `2${'\u200b'.repeat(63)}`,
  'a digit behind foreign letters': `${'ж'.repeat(63)}2`,
  'mathematical digits': '𝟐𝐀',
  'lonely first halves': '\ud835',
  'our emoji': '🍋🌵🎸',
  'codes of emoji': encodeEmoji(CODE),
  'damaged codes of emoji': `${encodeEmoji(CODE).slice(2)} x `,
  'other emoji': '👍🏽',
  'invisible digits': '\u2061\u200c',
  'frames that open': hidden.slice(0, 2),
  'invisible codes': hidden,
  'invisible codes, one character short': `${hidden.slice(1)}a`,
  'invisible codes, one character long': `${hidden}\u2061a`,
  'invisible codes, one character wrong': `${hidden.slice(0, 9)}\u200c${hidden.slice(10)}a`,
  'single joiners': 'a\u200d',
  'Persian joins': 'می\u200c',
  combining: 'a\u0301\u0302',
  'right-to-left marks': '2\u200f\u200eA',
};

export function hostileText(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}
