/** The table as a picture: per regime, calibration on the left and precision over coverage on the right, one colour per contender. */
import type { AnswerMeasures } from './measures.ts';

export interface Panel {
  readonly title: string;
  readonly contenders: Readonly<Record<string, AnswerMeasures>>;
}

const SIDE = 190;
const GAP = 34;
const TOP = 46;
const COLUMNS = 2;
const COLOURS = ['#0b6bcb', '#1f9d55', '#d9480f', '#8f3fb0', '#868e96'] as const;
const CURVE_POINTS = 120;

export function pictureOf(title: string, panels: readonly Panel[]): string {
  const names = [...new Set(panels.flatMap((panel) => Object.keys(panel.contenders)))];
  const colour = (name: string): string => COLOURS[names.indexOf(name) % COLOURS.length]!;
  const width = COLUMNS * 2 * (SIDE + GAP) + GAP;
  const height = TOP + Math.ceil(panels.length / COLUMNS) * (SIDE + GAP + 18) + GAP;
  const legend = names.map(
    (name, at) =>
      `<circle cx="${GAP + at * 170}" cy="34" r="5" fill="${colour(name)}"/><text x="${GAP + 10 + at * 170}" y="38">${escaped(name)}</text>`,
  );
  const drawn = panels.map((panel, at) => {
    const x = GAP + (at % COLUMNS) * 2 * (SIDE + GAP);
    const y = TOP + 26 + Math.floor(at / COLUMNS) * (SIDE + GAP + 18);
    const entries = Object.entries(panel.contenders);
    return [
      `<text x="${x}" y="${y - 8}" font-weight="bold">${escaped(panel.title)}</text>`,
      frame(x, y, 'confidence', 'right'),
      `<line x1="${x}" y1="${y + SIDE}" x2="${x + SIDE}" y2="${y}" stroke="#bbb" stroke-dasharray="4 3"/>`,
      ...entries.flatMap(([name, { bins }]) =>
        bins.map(
          (bin) =>
            `<circle cx="${n(x + SIDE * bin.confidence)}" cy="${n(y + SIDE * (1 - bin.right))}" r="3" fill="${colour(name)}" fill-opacity=".75"/>`,
        ),
      ),
      frame(x + SIDE + GAP, y, 'coverage', 'precision'),
      ...entries.map(([name, { curve }]) => {
        const step = Math.max(1, Math.floor(curve.length / CURVE_POINTS));
        const kept = curve.filter((_, index) => index % step === step - 1 || index === curve.length - 1);
        const points = kept.map(
          (point) => `${n(x + SIDE + GAP + SIDE * Math.min(1, point.coverage))},${n(y + SIDE * (1 - point.precision))}`,
        );
        return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour(name)}" stroke-width="1.6"/>`;
      }),
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${GAP}" y="18" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...legend,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function frame(x: number, y: number, below: string, left: string): string {
  const ticks = [0, 0.5, 1].map(
    (tick) =>
      `<text x="${x + SIDE * tick}" y="${y + SIDE + 11}" text-anchor="middle" fill="#777" font-size="9">${tick}</text>` +
      `<text x="${x - 3}" y="${y + SIDE * (1 - tick) + 3}" text-anchor="end" fill="#777" font-size="9">${tick}</text>`,
  );
  return (
    `<rect x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#999"/>${ticks.join('')}` +
    `<text x="${x + SIDE / 4}" y="${y + SIDE + 11}" text-anchor="middle" fill="#555">${below}</text>` +
    `<text transform="translate(${x - 6} ${y + SIDE / 4}) rotate(-90)" text-anchor="middle" fill="#555">${left}</text>`
  );
}

function n(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
