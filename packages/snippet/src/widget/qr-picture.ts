import encodeQR from 'qr';
import { svgElement } from './svg-element.ts';

/** ISO/IEC 18004: what scanners need free around the code. Modules. */
const QUIET_ZONE = 4;
/** Near this many pixels a side is easy to scan from a chair's distance; a module is a whole number of them, so that none is drawn thinner. */
const WANTED_PX = 232;
const MIN_MODULE_PX = 3;
/** What the dialog has room for. A link beyond it is left to the other ways: modules of two pixels need a steady hand and a new phone. */
const MAX_PX = 320;

/** The code as an SVG element without any style attribute; undefined when the text is too long to be scanned from a screen. */
export function qrPicture(text: string, label: string): SVGElement | undefined {
  const modules = modulesOf(text);
  if (!modules) return undefined;
  const side = modules.length;
  const pixels = side * Math.max(MIN_MODULE_PX, Math.round(WANTED_PX / side));
  let path = '';
  modules.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (isDark) path += `M${x} ${y}h1v1h-1z`;
    });
  });
  return svgElement(
    'svg',
    {
      width: pixels,
      height: pixels,
      viewBox: `0 0 ${side} ${side}`,
      'shape-rendering': 'crispEdges',
      role: 'img',
      'aria-label': label,
    },
    svgElement('rect', { width: side, height: side, fill: '#fff' }),
    svgElement('path', { d: path, fill: '#000' }),
  );
}

/** A screen has no scratches: the lowest level makes the largest modules. */
function modulesOf(text: string): readonly (readonly boolean[])[] | undefined {
  try {
    const modules = encodeQR(text, 'raw', { ecc: 'low', border: QUIET_ZONE });
    return modules.length * MIN_MODULE_PX > MAX_PX ? undefined : modules;
  } catch {
    // Longer than the largest code there is.
    return undefined;
  }
}
