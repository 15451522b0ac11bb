/** The visible carrier: a code in the wording of a message, and finding it again after people and clients had their hands on it. */
import { findWindows } from './code-windows.ts';
import { readLetters } from './letter-reading.ts';
import { fillTemplate } from './message-text.ts';
import { displayCode, type FoundCode, type TrackingCode, toText } from './tracking-code.ts';

/** The message shown to the person: `{greeting}` and `{code}` of the template filled in. */
export function renderVisible(greeting: string, code: TrackingCode, template: string): string {
  return fillTemplate(template, greeting, displayCode(code));
}

/** Visible codes in the text, intact ones first, each once, at most eight. Never throws. */
export function findVisible(text: string): FoundCode[] {
  const { row } = readLetters(text);
  return findWindows(row).map(({ from, to, intact }) => ({ code: toText(row.symbols, from, to), carrier: 'visible', intact }));
}
