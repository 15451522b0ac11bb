/** Emoji of a text as a row of symbols. Selectors, skin tones and joiners that clients add or take leave no trace. */
import { BREAK, classify, IGNORED } from './alphabet.ts';
import { EMOJI_BLOCK, EMOJI_SYMBOLS } from './emoji-alphabet.ts';
import type { Stretch } from './letter-reading.ts';
import { emptyRow, endRow, FOREIGN, growRow, MAX_SEPARATORS, NOTHING_BEFORE, type SymbolRow } from './symbol-row.ts';
import { DIGIT_MASKS, EMOJI_MARK, LETTER_MASKS, markOf } from './unit-table.ts';

const SYMBOL_OF = new Int8Array(EMOJI_BLOCK.to - EMOJI_BLOCK.from).fill(-1);
EMOJI_SYMBOLS.forEach((emoji, value) => {
  SYMBOL_OF[emoji.codePointAt(0)! - EMOJI_BLOCK.from] = value;
});

const SKIN_TONES = { from: 0x1f3fb, to: 0x1f3ff } as const;

const scratch = emptyRow(256);

/** Spaces and punctuation between two emoji mean nothing: no words are written in emoji, so none can be taken for a code. */
export function readEmoji(text: string, { from, to }: Stretch): SymbolRow {
  growRow(scratch, to - from);
  const { symbols, between, offsets, digits, letters, breaks } = scratch;
  let count = 0;
  let separators = 0;
  let foreign = 2;
  for (let i = from; i < to; i += 1) {
    // Far from any emoji: only the next one matters.
    if (foreign > 1 && markOf(text.charCodeAt(i)) !== EMOJI_MARK) continue;
    const at = i;
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i += 1;
    const symbol = point >= EMOJI_BLOCK.from && point < EMOJI_BLOCK.to ? SYMBOL_OF[point - EMOJI_BLOCK.from]! : -1;
    if (symbol >= 0) {
      symbols[count] = symbol;
      offsets[count] = at;
      const gap = foreign > 1 || separators > MAX_SEPARATORS ? NOTHING_BEFORE : foreign * FOREIGN;
      const word = count >> 5;
      const bit = 1 << count;
      if ((count & 31) === 0) {
        digits[word] = 0;
        letters[word] = 0;
        breaks[word] = 0;
      }
      digits[word]! |= bit & DIGIT_MASKS[symbol]!;
      letters[word]! |= bit & LETTER_MASKS[symbol]!;
      if (gap !== 0) breaks[word]! |= bit;
      between[count] = gap;
      count += 1;
      separators = 0;
      foreign = 0;
    } else if (point < SKIN_TONES.from || point > SKIN_TONES.to) {
      const kind = classify(point);
      if (kind >= 0 || kind === BREAK) foreign += 1;
      else if (kind !== IGNORED) separators += 1;
    }
  }
  endRow(scratch, count);
  return scratch;
}
