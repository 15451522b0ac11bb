import { SYMBOLS } from '@messtrack/tracking-code/alphabet.ts';
import { displayCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { BARE, type CodeForms, INVISIBLE, OWN, type PlacementSettings } from '../settings.ts';
import { readLink, withParameter } from './messenger-link.ts';
import { randomBytes } from './random.ts';

export interface TrackedLink {
  readonly placement: PlacementSettings;
  readonly href: string;
  readonly code: string;
  /** Which greeting the link opens with; undefined for a payload and for a text of the site's own. */
  readonly greeting: number | undefined;
}

const MARKS = /[\ue001-\ue004]/g;

/** The placement whose account this link leads to; the first of several in the order of the workspace's file. */
export function placementOf(href: string, placements: readonly PlacementSettings[]): PlacementSettings | undefined {
  const to = readLink(href)?.to;
  return placements.find((placement) => placement.to === to);
}

/**
 * The link with a new code in it. A link of the placement's (`isOurs`) keeps its text, which may name a product, and its form where it leads to this account of a
 * pool; one that leads elsewhere (a marked button, "#") is replaced. In the browsers inside other apps `whatsapp://` and `tg://` are blocked: they get the web form,
 * which the system hands to the app.
 */
export function trackLink(
  original: string,
  placement: PlacementSettings,
  isOurs: boolean,
  forms: CodeForms,
  isInApp: boolean,
): TrackedLink {
  const code = newCode(randomBytes);
  const { to, parameter = 'text', values } = placement;
  const link = isOurs ? readLink(original) : undefined;
  // wa.me garbles emoji on desktops, and a placement with emoji leads to api.whatsapp.com, where it redirects to.
  const isKept = link?.to === to && !(isInApp && link.isApp) && !(original.includes('//wa.me/') && placement.base.includes('//api.'));
  const last = values.length - 1;
  let greeting = -1;
  let value = values[last]!;
  if (last > 0) {
    greeting = (Math.random() * last) | 0;
    if (link?.text) {
      value = value.replace(OWN, () => link.text);
      greeting = values.findIndex((each) => each.replace(MARKS, '') === value.replace(MARKS, ''));
      // Nothing in sight carries the code: it goes to the end of a word, which is safe in every script.
      if (value.search(MARKS) < 0) value = value.replace(/[\p{L}\p{N}](?= \S)/u, `$&${INVISIBLE}`);
    }
    value = values[greeting] ?? value;
  }
  const written = value.replace(MARKS, (mark) => {
    const form = forms[mark];
    if (!form) return mark === BARE ? code : displayCode(code);
    const [before, after, higher, lower] = form;
    const digits = code.replace(/./g, (letter) => {
      const symbol = SYMBOLS.indexOf(letter);
      return higher[(symbol / lower.length) | 0]! + lower[symbol % lower.length]!;
    });
    return before + digits + after;
  });
  return {
    placement,
    // The bot waits for the payload the site chose: the click is registered, the link is left alone.
    href: link?.payload && parameter !== 'text' ? original : withParameter(isKept ? original : placement.base, parameter, written),
    code,
    greeting: greeting < 0 ? undefined : greeting,
  };
}
