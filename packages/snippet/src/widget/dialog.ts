import type { WidgetSettings } from '../widget-settings.ts';
import { element } from './element.ts';
import { fixedBars } from './fixed-bars.ts';
import { placeText, styleText } from './style.ts';
import { svgElement } from './svg-element.ts';

const REACHABLE = 'a[href],button,input';
const TITLE_ID = 'title';

/** What the dialog holds; built anew for every tap. */
export interface Content {
  readonly language: string;
  readonly title: string;
  readonly close: string;
  readonly parts: readonly (Node | undefined)[];
}

let closeOpen: (() => void) | undefined;

/**
 * Shows the dialog over the page, in a shadow root that neither styles the page nor is styled by it. While it is open, Tab stays in it, Escape and a click
 * beside it close it, and the focus goes back to where it was. The page keeps its own scroll bars and its own bars: nothing of it moves.
 */
export function showDialog(settings: WidgetSettings, { language, title, close: closeWord, parts }: Content): void {
  closeOpen?.();
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const [look, place] = [new CSSStyleSheet(), new CSSStyleSheet()];
  look.replaceSync(styleText(settings));
  root.adoptedStyleSheets = [look, place];

  const closeButton = element('button', { type: 'button', class: 'close', 'aria-label': closeWord }, cross());
  const panel = element(
    'div',
    // The words of all six languages run from left to right, whatever the page does.
    { class: 'panel', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': TITLE_ID, tabindex: '-1', lang: language, dir: 'ltr' },
    element('h2', { id: TITLE_ID }, title),
    ...parts,
    closeButton,
  );
  const veil = element('div', { class: 'veil' }, panel);
  root.append(veil);

  const before = deepActive();
  const settle = (): void => place.replaceSync(placeText(settings, fixedBars(host)));
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') keepInside(event, root, panel);
    else return;
    event.stopPropagation();
  };
  const close = (): void => {
    closeOpen = undefined;
    host.remove();
    window.removeEventListener('keydown', onKey, true);
    window.removeEventListener('resize', settle);
    document.removeEventListener('click', settle);
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  closeOpen = close;
  closeButton.addEventListener('click', close);
  veil.addEventListener('click', (event) => {
    if (event.target === veil) close();
  });
  // What is typed here is no shortcut of the page.
  for (const type of ['keydown', 'keypress', 'keyup'] as const) root.addEventListener(type, (event) => event.stopPropagation());
  window.addEventListener('keydown', onKey, true);
  window.addEventListener('resize', settle);
  // A banner that was answered is gone, and leaves its room.
  document.addEventListener('click', settle);

  settle();
  document.documentElement.append(host);
  panel.focus({ preventScroll: true });
}

function keepInside(event: KeyboardEvent, root: ShadowRoot, panel: HTMLElement): void {
  const reachable = [...panel.querySelectorAll<HTMLElement>(REACHABLE)].filter((each) => each.getClientRects().length > 0);
  const [first, last] = [reachable[0], reachable.at(-1)];
  const at = root.activeElement;
  const isInside = at !== null && at !== panel;
  const next = event.shiftKey ? (!isInside || at === first ? last : undefined) : !isInside || at === last ? first : undefined;
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function deepActive(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

function cross(): Element {
  const lines = { d: 'M4 4l12 12M16 4L4 16', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round' };
  return svgElement('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' }, svgElement('path', lines));
}
