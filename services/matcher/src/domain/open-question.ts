import type { Marks } from './marks.ts';

/** An open lead without identifier; or one with, asked as if it had none. */
export interface Question {
  readonly leadId: string;
  /** Canonical key of who wrote. */
  readonly contact: string;
  readonly marks: Marks;
  /** What it takes of clicks while it is open, by number of the click. */
  readonly claims: Map<number, number>;
  /** Number of the click whose identifier the message did bring; −1 for real questions. */
  readonly truth: number;
}

export function newQuestion(leadId: string, contact: string, marks: Marks, truth: number): Question {
  return { leadId, contact, marks, truth, claims: new Map() };
}
