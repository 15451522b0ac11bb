/**
 * The text that a messenger opens with: a greeting and a code, by one carrier or by several.
 * Visible and emoji codes stand where the template says; an invisible one is woven into the greeting.
 */
import { encodeEmoji } from './emoji-alphabet.ts';
import { weaveInvisible } from './invisible-place.ts';
import { displayCode, type TrackingCode } from './tracking-code.ts';

/** Carriers that travel in a text; `start_payload` travels in a link of its own. */
export type TextCarrier = 'visible' | 'emoji' | 'invisible';

export interface MessageText {
  readonly greeting: string;
  readonly code: TrackingCode;
  /** Holds `{greeting}` and `{code}`; without a visible or emoji carrier there is nothing to fill in, and the greeting stands alone. */
  readonly template: string;
  /** At least one. */
  readonly carriers: readonly TextCarrier[];
}

/** Undefined when the code is to be invisible only, and the text has no place for it: then it would go out without its code. */
export function renderMessageText({ greeting, code, template, carriers }: MessageText): string | undefined {
  const shown = [carriers.includes('visible') ? displayCode(code) : '', carriers.includes('emoji') ? encodeEmoji(code) : '']
    .filter((form) => form !== '')
    .join(' ');
  if (!carriers.includes('invisible')) return fillTemplate(template, greeting, shown);
  const woven = weaveInvisible(greeting, code);
  if (shown === '') return woven;
  if (woven !== undefined) return fillTemplate(template, woven, shown);
  // A greeting of one word: there is a place at its end, once the template follows.
  const whole = fillTemplate(template, greeting, shown);
  return weaveInvisible(whole, code) ?? whole;
}

/** The text around the code's places: joined by a shown code it is what `fillTemplate` makes of it. */
export function splitTemplate(template: string, greeting: string): readonly string[] {
  const parts = [''];
  for (const piece of template.split(/(\{greeting\}|\{code\})/)) {
    if (piece === '{code}') parts.push('');
    else parts[parts.length - 1] += piece === '{greeting}' ? greeting : piece;
  }
  return parts;
}

/** One pass with a function: neither a "{code}" inside the greeting nor a "$&" is taken for a place to fill in. */
export function fillTemplate(template: string, greeting: string, shown: string): string {
  return template.replace(/\{(greeting|code)\}/g, (_, name) => (name === 'code' ? shown : greeting));
}
