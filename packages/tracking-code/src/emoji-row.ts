/** Emoji of a text as a row of symbols. Selectors, skin tones and joiners that clients add or take leave no trace. */
import { BREAK, classify, IGNORED, isPlainDigit, isPlainLetter } from './alphabet.ts';
import { EMOJI_BLOCK, EMOJI_SYMBOLS } from './emoji-alphabet.ts';
import { APART, emptyRow, growRow, HOLE, JOINED, MAX_SEPARATORS, type Stretch, type SymbolRow } from './symbol-row.ts';
import { EMOJI_MARK, markOf } from './unit-table.ts';

const SYMBOL_OF = new Int8Array(EMOJI_BLOCK.to - EMOJI_BLOCK.from).fill(-1);
EMOJI_SYMBOLS.forEach((emoji, value) => {
  SYMBOL_OF[emoji.codePointAt(0)! - EMOJI_BLOCK.from] = value;
});

const SKIN_TONES = { from: 0x1f3fb, to: 0x1f3ff } as const;

const scratch = emptyRow(256);

/** Spaces and punctuation between two emoji mean nothing: no words are written in emoji, so none can be taken for a code. */
export function readEmoji(text: string, { from, to }: Stretch): SymbolRow {
  growRow(scratch, to - from);
  const { symbols, gaps, offsets, lastDigit, lastLetter } = scratch;
  let seenDigit = -1;
  let seenLetter = -1;
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
      gaps[count] = foreign > 1 || separators > MAX_SEPARATORS ? APART : foreign === 1 ? HOLE : JOINED;
      if (isPlainDigit(symbol)) seenDigit = count;
      else if (isPlainLetter(symbol)) seenLetter = count;
      lastDigit[count] = seenDigit;
      lastLetter[count] = seenLetter;
      count += 1;
      separators = 0;
      foreign = 0;
    } else if (point < SKIN_TONES.from || point > SKIN_TONES.to) {
      const kind = classify(point);
      if (kind >= 0 || kind === BREAK) foreign += 1;
      else if (kind !== IGNORED) separators += 1;
    }
  }
  gaps[count] = APART;
  scratch.count = count;
  return scratch;
}
