/**
 * Shares that have been asked for, by a number that is given to another tuple when nobody holds it any more: hence the holders. In columns, since a
 * map by texts cost a joined text for each question, and thousands are asked for one message.
 */
export interface KnownShares {
  shares: Float64Array;
  /** `holderOf` the tuple that a share is for; 0 where there is none. */
  holders: Float64Array;
}

export function noShares(): KnownShares {
  return { shares: NOTHING, holders: NOTHING };
}

const NOTHING = new Float64Array(0);

/** Names the tuple that holds a number, by its serial; never 0. */
export function holderOf(serial: number): number {
  return serial + 1;
}

export function keepShareOf(known: KnownShares, number: number, holder: number, share: number): number {
  if (number >= known.holders.length) {
    known.shares = grown(known.shares, number);
    known.holders = grown(known.holders, number);
  }
  known.shares[number] = share;
  known.holders[number] = holder;
  return share;
}

function grown(column: Float64Array, number: number): Float64Array {
  const larger = new Float64Array(Math.ceil((number + 1) * 1.5));
  larger.set(column);
  return larger;
}
