import type { AccountStatistics } from './model/account-statistics.ts';
import { total } from './model/tally.ts';

/**
 * Clicks of average worth that were due of their leads. Where one in five is written to, sixty messages with their code were to come of them; accounts differ in that by half, and of one in a thousand none comes.
 */
const DUE = 300;
/** First messages without identifier: an account to which nobody writes has lost no code. */
const MESSAGES = 10;

/**
 * Whether codes are made and none ever comes back: a page whose links somebody rewrites, a provider that cuts the text, a history file whose messages tell no codes. Its clicks are then like those that show no code, because
 * that no code came says nothing of who wrote. Taken for clicks whose code is seldom lost, they were written to less and less the longer it lasted, and nearly all messages of their people were said to be nobody's.
 * The first code that does come back ends it.
 */
export function hasLostCodes({ identified, keepersElsewhere, seen, exposure }: AccountStatistics): boolean {
  return identified + keepersElsewhere === 0 && seen >= MESSAGES && total(exposure) >= DUE;
}
