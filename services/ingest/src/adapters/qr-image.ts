import { PNG } from 'pngjs';
import encodeQR, { type ErrorCorrection } from 'qr';
import type { QrLevel, QrRequest } from '../domain/qr-request.ts';

const LEVELS: Readonly<Record<QrLevel, ErrorCorrection>> = { L: 'low', M: 'medium', Q: 'quartile', H: 'high' };

/** Rows of modules, true for dark, quiet zone and free square for the logo included. */
type Modules = readonly (readonly boolean[])[];

/** What is drawn dark, as one SVG path of horizontal runs in units of modules. */
export interface QrDrawing {
  /** Modules of a side, quiet zone included. */
  readonly side: number;
  readonly path: string;
}

/** Runs instead of squares: scales to any print without seams. */
export function qrDrawing(text: string, request: QrRequest): QrDrawing {
  const modules = modulesOf(text, request);
  const side = modules.length;
  let path = '';
  for (const [y, row] of modules.entries()) {
    for (let x = 0; x < side; x += 1) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`;
    }
  }
  return { side, path };
}

export function qrSvg(text: string, request: QrRequest): string {
  const { side, path } = qrDrawing(text, request);
  const { color, background, sizePx } = request;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges" role="img"><title>${escapeXml(text)}</title><rect width="${side}" height="${side}" fill="${background}"/><path fill="${color}" d="${path}"/></svg>\n`;
}

/** Every module is a whole number of pixels, so the side is the wanted size or the next smaller one that allows it. */
export function qrPng(text: string, request: QrRequest): Buffer {
  const modules = modulesOf(text, request);
  const scale = Math.max(1, Math.floor(request.sizePx / modules.length));
  const side = modules.length * scale;
  const png = new PNG({ width: side, height: side });
  const dark = pixel(request.color);
  const light = pixel(request.background);
  const rowBytes = side * 4;
  for (const [y, row] of modules.entries()) {
    const from = y * scale * rowBytes;
    for (let x = 0; x < side; x += 1) png.data.set(row[Math.floor(x / scale)] === true ? dark : light, from + x * 4);
    for (let repeat = 1; repeat < scale; repeat += 1) png.data.copyWithin(from + repeat * rowBytes, from, from + rowBytes);
  }
  // Without transparency, which some print workflows refuse; unfiltered, because equal rows deflate to nothing as they are.
  return PNG.sync.write(png, { colorType: 2, inputHasAlpha: true, filterType: 0 });
}

function modulesOf(text: string, { level, quietModules, logoPercent }: QrRequest): Modules {
  // The library draws one row of quiet zone at least; ours is added below.
  const code = encodeQR(text, 'raw', { ecc: LEVELS[level], border: 1 })
    .slice(1, -1)
    .map((row) => row.slice(1, -1));
  const side = code.length;
  // Odd, as the code is, so that it lies in the middle.
  const free = logoPercent === 0 ? 0 : Math.floor((side * logoPercent) / 200) * 2 + 1;
  const from = (side - free) / 2;
  const isFree = (x: number, y: number) => free > 0 && x >= from && x < from + free && y >= from && y < from + free;
  const quiet = (length: number) => new Array<boolean>(length).fill(false);
  const rows = code.map((row, y) => [...quiet(quietModules), ...row.map((isDark, x) => isDark && !isFree(x, y)), ...quiet(quietModules)]);
  const empty = Array.from({ length: quietModules }, () => quiet(side + 2 * quietModules));
  return [...empty, ...rows, ...empty];
}

function pixel(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)).concat(255);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
