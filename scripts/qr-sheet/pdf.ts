import { qrDrawing } from '@messtrack/ingest/adapters/qr-image.ts';
import PDFDocument from 'pdfkit';
import type { Sign } from './signs.ts';

export interface PdfLayout {
  /** Side of a code, quiet zone included. Millimetres. */
  readonly sizeMm: number;
  /** TrueType or OpenType file; undefined: Helvetica, which has Western European letters only. */
  readonly font: string | undefined;
}

const POINTS_PER_MM = 72 / 25.4;
const A4 = { width: 210, height: 297 };
const MARGIN_MM = 12;
const GAP_MM = 6;
const LABEL_MM = 10;
const LABEL_POINTS = 10;
const SMALL_POINTS = 5;

/** How many codes of this size stand on a sheet of A4; 0 when none does. */
export function perPage(sizeMm: number): { readonly columns: number; readonly rows: number } {
  const along = (length: number, step: number) => Math.max(0, Math.floor((length - 2 * MARGIN_MM + GAP_MM) / (step + GAP_MM)));
  return { columns: along(A4.width, sizeMm), rows: along(A4.height, sizeMm + LABEL_MM) };
}

/** A4 pages of vector codes with their labels and, small, the address that each holds. */
export async function sheetPdf(signs: readonly Sign[], { sizeMm, font }: PdfLayout): Promise<Buffer> {
  const { columns, rows } = perPage(sizeMm);
  const document = new PDFDocument({ size: 'A4', margin: 0, autoFirstPage: false, info: { Title: 'QR codes' } });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.once('end', resolve).once('error', reject));
  for (const [index, sign] of signs.entries()) {
    const place = index % (columns * rows);
    if (place === 0) document.addPage();
    const x = (MARGIN_MM + (place % columns) * (sizeMm + GAP_MM)) * POINTS_PER_MM;
    const y = (MARGIN_MM + Math.floor(place / columns) * (sizeMm + LABEL_MM + GAP_MM)) * POINTS_PER_MM;
    draw(document, sign, x, y, sizeMm * POINTS_PER_MM, font);
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function draw(
  document: PDFKit.PDFDocument,
  { label, target, request }: Sign,
  x: number,
  y: number,
  size: number,
  font: string | undefined,
): void {
  const { side, path } = qrDrawing(target, request);
  document.save().rect(x, y, size, size).fill(request.background).restore();
  document
    .save()
    .translate(x, y)
    .scale(size / side)
    .path(path)
    .fill(request.color)
    .restore();
  document.font(font ?? 'Helvetica').fillColor('#000000');
  const options = { width: size, align: 'center', lineBreak: false, ellipsis: true } as const;
  document.fontSize(LABEL_POINTS).text(label, x, y + size + 3, { ...options, height: LABEL_POINTS * 1.4 });
  document.fontSize(SMALL_POINTS).text(target, x, y + size + 5 + LABEL_POINTS * 1.3, { ...options, height: SMALL_POINTS * 1.4 });
}

/** Letters of the labels that the font cannot print; the standard font has those of Windows-1252. */
export function unprintable(signs: readonly Sign[]): string {
  const missing = new Set(
    signs.flatMap(({ label }) => [...label].filter((letter) => !/[\u0020-\u007e\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/.test(letter))),
  );
  return [...missing].slice(0, 20).join('');
}
