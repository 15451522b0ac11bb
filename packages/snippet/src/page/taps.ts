import type { ChooseMember, CodeForms, PlacementSettings } from '../settings.ts';
import { keyOf, readLink } from './messenger-link.ts';
import { placementOf, type TrackedLink, trackLink } from './tracked-link.ts';

const MARK = 'data-messtrack';
/** A second tap this soon after the first is the same decision. */
const DOUBLE_TAP_MS = 2_000;
/** iOS shows its menu for a link held this long and tells the page nothing. */
const LONG_PRESS_MS = 600;
/** Browsers inside other apps, by user agent: Facebook and Instagram, TikTok, VK, LINE, WeChat. */
const IN_APP = /FBA[NV]|Instagram|musical_ly|Bytedance|TikTok|VK(Android|Client)| Line\/|MicroMessenger/i;

export interface Prepared extends TrackedLink {
  /** What the link was before. */
  readonly original: string;
  /** 0 until it is used. Milliseconds since the Unix epoch. */
  usedAt: number;
  /** Of the click, from its first use on. */
  id?: string;
}

/** A link with a code that counts as clicked, for pages that navigate by script. Undefined for an unknown placement. */
export type LinkTo = (placement: unknown) => string | undefined;

/**
 * Rewrites links while they are touched and tells of those that are used. Listens on the window, so that links added later, shadow roots and
 * handlers that stop events change nothing; sets `href` and nothing else, so that nothing on the page moves.
 */
export function watchTaps(
  placements: readonly PlacementSettings[],
  forms: CodeForms,
  choose: ChooseMember,
  onUse: (link: TrackedLink) => string,
  onWidget: (link: Prepared) => void,
  guard: Guard,
): LinkTo {
  const byElement = new WeakMap<Element, Prepared>();
  /** Links with a code of ours in them: elements are cloned, rendered anew and read by handlers that open windows. */
  const byKey: Record<string, Prepared> = {};
  let isOpened = false;
  let press: ReturnType<typeof setTimeout> | undefined;

  const use = (prepared: Prepared): void => {
    if (prepared.usedAt) return;
    prepared.usedAt = Date.now();
    prepared.id = onUse(prepared);
  };
  const memberOf = (placement: unknown): PlacementSettings | undefined => choose(placements.filter(({ name }) => name === placement));
  const placementAt = (href: string): PlacementSettings | undefined => memberOf(placementOf(href, placements)?.name);
  const earlierOf = (href: string): Prepared | undefined => {
    const link = readLink(href);
    return link && byKey[keyOf(link)];
  };
  const isFresh = ({ usedAt }: Prepared): boolean => !usedAt || Date.now() - usedAt < DOUBLE_TAP_MS;
  const prepare = (href: string, placement: PlacementSettings): Prepared => {
    const original = earlierOf(href)?.original ?? href;
    const prepared = {
      ...trackLink(
        original,
        placement,
        placementOf(original, placements)?.name === placement.name,
        forms,
        IN_APP.test(navigator.userAgent),
      ),
      original,
      usedAt: 0,
    };
    const link = readLink(prepared.href);
    if (link) byKey[keyOf(link)] = prepared;
    return prepared;
  };

  /** The link under an event, with a code in it; undefined when there is none of ours. */
  const touched = (event: Event): { readonly element: Element; readonly prepared: Prepared } | undefined => {
    for (const element of event.composedPath()) {
      if (!(element instanceof Element)) continue;
      const href = element.getAttribute('href');
      const mark = element.getAttribute(MARK);
      if ((href ?? mark) === null) continue;
      const earlier = byElement.get(element);
      if (earlier && (href === null || earlier.href === href) && isFresh(earlier)) return { element, prepared: earlier };
      const placement = memberOf(mark) ?? placementAt(href ?? '') ?? (mark === '' ? memberOf(placements[0]?.name) : undefined);
      // A link that is not ours inside a marked box is still that link.
      if (!placement || mark === 'off') return undefined;
      const prepared = prepare(href ?? '', placement);
      byElement.set(element, prepared);
      if (href !== null && prepared.href !== href) element.setAttribute('href', prepared.href);
      return { element, prepared };
    }
    return undefined;
  };

  const on = (type: string, listener: (event: MouseEvent) => void, capture = true): void =>
    addEventListener(type, guard(listener as (event: Event) => void), { capture, passive: capture });

  on('pointerdown', touched);
  for (const type of ['click', 'auxclick', 'contextmenu', 'dragstart']) {
    on(type, (event) => {
      isOpened = false;
      // The right button comes as auxclick and as contextmenu.
      if (type === 'auxclick' && event.button !== 1) return;
      const found = touched(event);
      if (found) use(found.prepared);
    });
  }
  on('touchstart', (event) => {
    const found = touched(event);
    clearTimeout(press);
    if (found)
      press = setTimeout(
        guard(() => use(found.prepared)),
        LONG_PRESS_MS,
      );
  });
  // A finger that moves scrolls.
  for (const type of ['touchend', 'touchmove']) on(type, () => clearTimeout(press));

  // Marked elements that are no links, and the dialog, unless the page has opened or prevented something itself.
  on(
    'click',
    (event) => {
      const found = event.defaultPrevented || isOpened ? undefined : touched(event);
      if (!found) return;
      const { element, prepared } = found;
      // Tablets that call themselves computers have no fine pointer.
      const isComputer = matchMedia('(pointer:fine)').matches;
      // Whoever asks for a tab gets one.
      if (isComputer && prepared.placement.widget && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
        event.preventDefault();
        onWidget(prepared);
      } else if (!element.hasAttribute('href')) {
        // Inside other apps there are no windows, and on phones none are needed: the app covers the page.
        if (isComputer) open.call(window, prepared.href, '_blank', 'noopener');
        else location.assign(prepared.href);
      }
    },
    false,
  );

  const { open } = window;
  window.open = function (this: unknown, ...args: Parameters<Window['open']>) {
    guard(() => {
      const href = String(args[0] ?? '');
      const placement = placementAt(href);
      if (!placement) return;
      isOpened = true;
      const earlier = earlierOf(href);
      const prepared = earlier && isFresh(earlier) ? earlier : prepare(href, placement);
      args[0] = prepared.href;
      use(prepared);
    })();
    return open.apply(window, args);
  };

  return (name) => {
    const placement = memberOf(name);
    if (!placement) return undefined;
    const prepared = prepare('', placement);
    use(prepared);
    return prepared.href;
  };
}

export type Guard = <Args extends readonly unknown[], Result>(work: (...args: Args) => Result) => (...args: Args) => Result | undefined;
