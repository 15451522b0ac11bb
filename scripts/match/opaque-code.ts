import { isCode } from '@messtrack/tracking-code/tracking-code.ts';

/**
 * Codes of others are opaque: equal when they are after trimming and case folding. JavaScript has no case folding; lower and then upper
 * case brings together what differs in case in any script (ß and ẞ, σ and ς, K and the Kelvin sign). One of our own codes in the form
 * people see, `K7QM2-X9PRT`, is the code without its dash, as the text of a message gives it.
 */
export function foldCode(given: string): string {
  const folded = given.trim().toLowerCase().toUpperCase();
  if (folded.length !== 11 || folded[5] !== '-') return folded;
  const own = folded.slice(0, 5) + folded.slice(6);
  return isCode(own) ? own : folded;
}
