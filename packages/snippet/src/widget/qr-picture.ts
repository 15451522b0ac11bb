import encodeQR, { type ErrorCorrection } from 'qr';

/** ISO/IEC 18004: what scanners need free around the code. Modules. */
const QUIET_ZONE = 4;
/** Near this many pixels a side is easy to scan from a chair's distance; a module is a whole number of them, so that none is drawn thinner. */
const WANTED_PX = 232;
const MIN_MODULE_PX = 3;
/** What the dialog has room for. A link beyond it is left to the other ways: modules of two pixels need a steady hand and a new phone. */
const MAX_PX = 320;
const SVG = 'http://www.w3.org/2000/svg';

/** The code as an SVG element without any style attribute; undefined when the text is too long to be scanned from a screen. */
export function qrPicture(text: string, label: string): SVGSVGElement | undefined {
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
  const svg = svgElement('svg', {
    width: pixels,
    height: pixels,
    viewBox: `0 0 ${side} ${side}`,
    'shape-rendering': 'crispEdges',
    role: 'img',
    'aria-label': label,
  });
  svg.append(svgElement('rect', { width: side, height: side, fill: '#fff' }), svgElement('path', { d: path, fill: '#000' }));
  return svg as SVGSVGElement;
}

/** A screen has no scratches: the lowest level makes the largest modules. */
function modulesOf(text: string): readonly (readonly boolean[])[] | undefined {
  const at = (ecc: ErrorCorrection) => encodeQR(text, 'raw', { ecc, border: QUIET_ZONE });
  try {
    const low = at('low');
    return low.length * MIN_MODULE_PX > MAX_PX ? undefined : low;
  } catch {
    // Longer than the largest code there is.
    return undefined;
  }
}

function svgElement(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
  return element;
}
