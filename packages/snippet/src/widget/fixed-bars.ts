/** Pixels at the top and at the bottom of the window that belong to bars of the page. */
export interface Bars {
  readonly top: number;
  readonly bottom: number;
}

/** A bar higher than this share of the window leaves no room beside it: then the dialog lies over it. */
const MAX_SHARE = 0.5;
const AT_X = [0.1, 0.5, 0.9];
/** From the edge: what floats further inside, such as a round chat button, is no bar. Pixels. */
const AT_EDGE_PX = 6;

/**
 * Bars that stay in place at an edge: banners that ask for consent above all, which have to stay visible and usable while the dialog is open.
 * Found by what is under points of the edges, for every banner is built in its own way.
 */
export function fixedBars(except: Element): Bars {
  const { innerHeight: height, innerWidth: width } = window;
  const covered = (y: number, depth: (rect: DOMRect) => number): number =>
    Math.max(
      0,
      ...AT_X.flatMap((x) => document.elementsFromPoint(width * x, y))
        .filter((found) => found !== except)
        .flatMap((found) => fixedAncestor(found) ?? [])
        .map((bar) => depth(bar.getBoundingClientRect()))
        .filter((pixels) => pixels <= height * MAX_SHARE),
    );
  return { top: covered(AT_EDGE_PX, ({ bottom }) => bottom), bottom: covered(height - AT_EDGE_PX, ({ top }) => height - top) };
}

function fixedAncestor(found: Element): Element | undefined {
  for (let element: Element | null = found; element; element = element.parentElement) {
    if (/fixed|sticky/.test(getComputedStyle(element).position)) return element;
  }
  return undefined;
}
