import type { Carrier } from './carrier.ts';
import type { ClicksByText } from './clicks-by-text.ts';

/** A code with a slip in it: one symbol wrong, missing or too many, or two neighbours swapped. */
export interface Repair {
  /** As it was read. */
  readonly read: string;
  /** The one live code that near, or that very code. */
  readonly code: string;
  /** How likely a text of this length that is no code at all is that near to some live code of the account. */
  readonly collision: number;
}

/** More than this, and the answer would be less than .99 likely to be right, ε of any identifier counted: the posterior decides. */
const MAX_COLLISION = 0.009;
const MIN_LENGTH = 4;

/** A code of a message with a slip in it. */
export interface DamagedCode {
  readonly code: string;
  /** Frames and checksum of an invisible code tell its reader what it was before the slip. A wrong checksum of any other is a wrong code. */
  readonly carrier: Carrier;
}

/**
 * The only live code one slip away, or the very one that an invisible code was put right to; undefined when there is none, more than one, or
 * when nearness means little here.
 */
export function nearCode(
  store: { readonly byCode: Pick<ClicksByText, 'has' | 'near' | 'size'> },
  { code: read, carrier }: DamagedCode,
): Repair | undefined {
  if (read.length < MIN_LENGTH) return undefined;
  const [near, another] = carrier === 'invisible' && store.byCode.has(read) ? [read] : store.byCode.near(read, 2);
  if (near === undefined || another !== undefined) return undefined;
  const collision = collisionOf(near, store.byCode.size);
  return collision > MAX_COLLISION ? undefined : { read, code: near, collision };
}

/** Live codes times neighbours of each, over the texts of that length in its alphabet: digits, or 32 letters and digits. */
function collisionOf(code: string, live: number): number {
  const symbols = /^\d+$/.test(code) ? 10 : 32;
  const { length } = code;
  const neighbours = length * (symbols - 1) + (length + 1) * symbols + length + (length - 1);
  return Math.min(1, (live * neighbours) / symbols ** length);
}
