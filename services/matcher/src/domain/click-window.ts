import type { ClickFacts } from './touchpoint.ts';

/** Row 6 looks at clicks of the last two hours … */
export const WINDOW_MS = 2 * 3_600_000;
/** … or at the last 4,000 of an account, whichever is fewer. */
export const WINDOW_CLICKS = 4_000;

export interface WindowClick {
  readonly facts: ClickFacts;
  readonly observedAtMs: number;
  /** False for clicks of programs and of nobody about to write: they are found by their code and are no candidates. */
  readonly isCandidate: boolean;
  /** True when this entry knows all about its code (see `admit`). */
  readonly isIndexed: boolean;
  /** Canonical key of the contact who brought the code first; empty when nobody has. */
  usedBy: string;
  /** Lead of that contact. */
  usedByLead: string;
}

/**
 * The recent clicks of one account in the order of the log: candidates for row 6, and a first place to find a code without asking the
 * join store. An entry answers for its code only when nothing about the code can be older than the window (`isIndexed`).
 */
export interface ClickWindow {
  readonly clicks: WindowClick[];
  /** Index of the first live click in `clicks`: shifting an array of thousands at every click would be quadratic. */
  head: number;
  readonly byCode: Map<string, WindowClick>;
  readonly byId: Map<string, WindowClick>;
  /** Newest receipt among the clicks that left. A click received before that may be a second delivery of one that left. */
  forgottenUpToMs: number;
}

export function emptyWindow(): ClickWindow {
  return { clicks: [], head: 0, byCode: new Map(), byId: new Map(), forgottenUpToMs: 0 };
}

/** Adds a click; false when it is there already. */
export function admit(window: ClickWindow, facts: ClickFacts, observedAtMs: number, isBot: boolean): boolean {
  if (window.byId.has(facts.clickId)) return false;
  // A second delivery carries the receipt time of the first. If that first one may have left, its code may have been used meanwhile,
  // and only the join store knows.
  const isIndexed = facts.code !== '' && observedAtMs > window.forgottenUpToMs && !window.byCode.has(facts.code);
  const click: WindowClick = { facts, observedAtMs, isCandidate: !isBot, isIndexed, usedBy: '', usedByLead: '' };
  window.clicks.push(click);
  window.byId.set(facts.clickId, click);
  if (isIndexed) window.byCode.set(facts.code, click);
  return true;
}

/** Lets go of what is too old or too many, oldest arrivals first. The join store knows the codes of what leaves. */
export function expire(window: ClickWindow, clockMs: number): void {
  const { clicks } = window;
  while (window.head < clicks.length) {
    const oldest = clicks[window.head]!;
    const live = clicks.length - window.head;
    if (live <= WINDOW_CLICKS && oldest.facts.clickedAtMs >= clockMs - WINDOW_MS) break;
    window.head += 1;
    window.forgottenUpToMs = Math.max(window.forgottenUpToMs, oldest.observedAtMs);
    window.byId.delete(oldest.facts.clickId);
    if (oldest.isIndexed) window.byCode.delete(oldest.facts.code);
  }
  if (window.head > 1_024 && window.head * 2 > clicks.length) {
    clicks.splice(0, window.head);
    window.head = 0;
  }
}

/** Puts back a click from a snapshot. */
export function restore(window: ClickWindow, click: WindowClick): void {
  window.clicks.push(click);
  window.byId.set(click.facts.clickId, click);
  if (click.isIndexed) window.byCode.set(click.facts.code, click);
}

export function windowSize(window: ClickWindow): number {
  return window.clicks.length - window.head;
}

/** A messenger's clock has a resolution of 1 s and may be a little behind the edge's. */
const CLOCK_SKEW_MS = 5_000;

/** Clicks that may have led to a message of this time and that no message has claimed, newest first. */
export function candidatesAt(window: ClickWindow, messageTimeMs: number): readonly ClickFacts[] {
  const found: ClickFacts[] = [];
  for (let index = window.clicks.length - 1; index >= window.head; index -= 1) {
    const click = window.clicks[index]!;
    const age = messageTimeMs - click.facts.clickedAtMs;
    if (click.isCandidate && click.usedBy === '' && age >= -CLOCK_SKEW_MS && age <= WINDOW_MS) found.push(click.facts);
  }
  return found;
}
