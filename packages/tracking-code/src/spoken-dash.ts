/**
 * The dash of a code by its name: "K7QM2 dash X9PRT" is what dictation writes, and what people type who were told a code on the telephone.
 * Only whole words between spaces: "tire" and "minus" are words of ordinary texts too, and then no code stands around them.
 */
const NAMES = [
  'dash|hyphen|minus',
  'тире|дефис|минус|дефіс|мінус',
  'gui[oó]n|menos',
  'traço|h[ií]fen',
  'tiret|moins',
  'strich|bindestrich',
  'tire|çizgi|eksi',
  'trattino|meno',
  'myślnik|kreska',
].join('|');

/** One space before and one character behind: a repeated class would take quadratic time on a text of spaces. */
const NAMED_DASH = new RegExp(`\\s(?:${NAMES})(?=[\\s,.])`, 'gi');

/** Whoever dictates a code writes no more than one message of the messengers, and a longer text is not read twice. */
const MAX_LENGTH = 4_096;

/** Read over by every reader, so that all that follows keeps its place. */
const FILLER = '\u200b';

/** The text with dashes for their names, as long as it was; undefined where there is none. */
export function withNamedDashes(text: string): string | undefined {
  if (text.length > MAX_LENGTH || text.search(NAMED_DASH) < 0) return undefined;
  return text.replace(NAMED_DASH, (name) => ` -${FILLER.repeat(name.length - 2)}`);
}
