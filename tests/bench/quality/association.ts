/**
 * Data association: each message has at most one click, each click at most one message. Loopy belief propagation after Williams & Lau
 * (arXiv 1209.6299): `ν` is what a click still offers a message when the others have had their say.
 */
export interface Open {
  /** The clicks that may have written it, by number, and their odds against no click, as seen when this message is decided. */
  readonly clicks: readonly number[];
  readonly odds: Float64Array;
  /** Odds of all other clicks together; nobody competes for them. */
  readonly rest: number;
  /** Whether `other` had arrived when this message was decided. */
  knows(other: number): boolean;
  /** Odds of click `at` (a position in `clicks`) for message `other` where it is `position`, as seen when this message is decided. */
  oddsOf(other: number, position: number, at: number): number;
}

export interface Posterior {
  /** By position in `clicks`. */
  readonly clicks: Float64Array;
  readonly rest: number;
  readonly none: number;
}

/** `sweeps` = 1 is matching.md §2's single sweep; more come closer to the joint posterior. 0 lets every message decide alone. */
export function associate(messages: readonly Open[], sweeps: number): readonly Posterior[] {
  const byClick = new Map<number, { readonly message: number; readonly position: number }[]>();
  messages.forEach(({ clicks }, message) => {
    clicks.forEach((click, position) => {
      const wanted = byClick.get(click);
      if (wanted === undefined) byClick.set(click, [{ message, position }]);
      else wanted.push({ message, position });
    });
  });
  let offers = messages.map(({ clicks }) => new Float64Array(clicks.length).fill(1));
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const totals = messages.map((message, j) => totalOf(message, offers[j]!));
    offers = messages.map((message, j) => {
      const offered = new Float64Array(message.clicks.length);
      message.clicks.forEach((click, at) => {
        let claims = 0;
        for (const other of byClick.get(click)!) {
          if (other.message === j || !message.knows(other.message)) continue;
          const rival = messages[other.message]!;
          const elsewhere = totals[other.message]! - rival.odds[other.position]! * offers[other.message]![other.position]!;
          claims += message.oddsOf(other.message, other.position, at) / Math.max(elsewhere, 1);
        }
        offered[at] = 1 / (1 + claims);
      });
      return offered;
    });
  }
  return messages.map((message, j) => {
    const total = totalOf(message, offers[j]!);
    return { clicks: message.odds.map((odds, at) => (odds * offers[j]![at]!) / total), rest: message.rest / total, none: 1 / total };
  });
}

function totalOf({ odds, rest }: Open, offers: Float64Array): number {
  let total = 1 + rest;
  for (let at = 0; at < odds.length; at += 1) total += odds[at]! * offers[at]!;
  return total;
}
