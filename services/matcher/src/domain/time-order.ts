/**
 * How far the times of an account's clicks go with their numbers. Clicks come in the order of the log, which is nearly that of their times: a spooled one comes
 * late. A question about four minutes of an account with sixteen thousand live clicks looked at each of them to see that it is from another time.
 */
export interface TimeOrder {
  /** Time of the latest click so far, and by how much a click that came after it was earlier, at most. */
  latestMs: number;
  lateMs: number;
}

/** What of a store of clicks is looked at. */
interface Clicks {
  readonly first: number;
  readonly next: number;
  readonly origin: number;
  readonly columns: { readonly size: number; readonly clickedAtMs: Float64Array };
  readonly order: TimeOrder;
}

export function noOrder(): TimeOrder {
  return { latestMs: 0, lateMs: 0 };
}

/** A time that is none makes `lateMs` none, and then nothing is passed over. */
export function watchOrder(order: TimeOrder, clickedAtMs: number): void {
  if (clickedAtMs >= order.latestMs) order.latestMs = clickedAtMs;
  else order.lateMs = Math.max(order.lateMs, order.latestMs - clickedAtMs);
}

/** A number such that no click with a higher one, nor its own, is of `timeMs` or before. */
export function endUpTo(clicks: Clicks, timeMs: number): number {
  // Whoever clicked later than that has no successor who clicked before `timeMs`.
  const surelyMs = timeMs + clicks.order.lateMs;
  let [from, end] = [clicks.first, clicks.next];
  while (from < end) {
    const middle = Math.floor((from + end) / 2);
    if (clickedAtMs(clicks, middle) > surelyMs) end = middle;
    else from = middle + 1;
  }
  return end;
}

/** A number such that no click with a lower one is of `timeMs` or later. */
export function startFrom(clicks: Clicks, timeMs: number): number {
  const surelyMs = timeMs - clicks.order.lateMs;
  let [from, end] = [clicks.first, clicks.next];
  while (from < end) {
    const middle = Math.floor((from + end) / 2);
    if (clickedAtMs(clicks, middle) < surelyMs) from = middle + 1;
    else end = middle;
  }
  return from;
}

function clickedAtMs({ columns, origin }: Clicks, click: number): number {
  const ahead = click - origin;
  return columns.clickedAtMs[ahead < columns.size ? ahead : ahead - columns.size]!;
}
