/** What a printer asks of a QR code, from the query of GET /qr. */
export interface QrRequest {
  readonly level: QrLevel;
  /** Empty modules around the code. */
  readonly quietModules: number;
  /** Wanted side of a PNG in pixels, quiet zone included. */
  readonly sizePx: number;
  /** "#rrggbb". */
  readonly color: string;
  readonly background: string;
  /** Side of the square kept free in the middle for a logo, in hundredths of the side of the code; 0: none. */
  readonly logoPercent: number;
  /** Takes the placement's first short name instead of /t. */
  readonly isVanity: boolean;
  /** utm_* of this one print, handed on to the redirect; sorted, so that the same wish is always the same code. */
  readonly utm: readonly (readonly [name: string, value: string])[];
}

export type QrLevel = 'L' | 'M' | 'Q' | 'H';

export interface QueryProblem {
  readonly path: string;
  readonly message: string;
}

export type ReadQr =
  | { readonly kind: 'ok'; readonly request: QrRequest }
  | { readonly kind: 'problems'; readonly problems: readonly QueryProblem[] };

/** Quartile: signs get wet, torn and stickered; a quarter of the code may be lost. */
const DEFAULT_LEVEL: QrLevel = 'Q';
/** ISO/IEC 18004 demands four modules around the code; readers lose codes with less first on busy posters. */
const MIN_QUIET = 4;
const MAX_QUIET = 32;
const DEFAULT_SIZE_PX = 1_024;
/** 4,096 pixels are 34 cm at 300 dpi; larger prints take the SVG. */
const MAX_SIZE_PX = 4_096;
const MIN_SIZE_PX = 128;
/** Level H restores 30 % of the codewords. A square of 22 % of the side hides 5 % of the modules, which leaves most of it for dirt and bad light. */
const MAX_LOGO_PERCENT = 22;
const MIN_LOGO_PERCENT = 8;
/** Print contrast below this is what scanners in cheap phones fail on; WCAG's figure for large text. */
const MIN_CONTRAST = 3;
const UTM_NAMES = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'];
/** What a code may be asked for with; everything else is passed over. */
export const QR_PARAMETERS: ReadonlySet<string> = new Set([
  'level',
  'quiet',
  'size',
  'color',
  'colour',
  'background',
  'logo',
  'via',
  ...UTM_NAMES,
]);
/** Keeps the code at a size that is read from a passing bus. */
const MAX_UTM_CHARACTERS = 200;

/** Reads the query; everything that is wrong with it at once. Names that mean nothing here are passed over. */
export function readQrRequest(query: ReadonlyMap<string, string>): ReadQr {
  const problems: QueryProblem[] = [];
  const logoPercent = whole('logo', 0, 0, MAX_LOGO_PERCENT);
  if (logoPercent > 0 && logoPercent < MIN_LOGO_PERCENT)
    problems.push({ path: 'logo', message: `must be 0 or from ${MIN_LOGO_PERCENT} to ${MAX_LOGO_PERCENT}, per cent of the side` });
  const level = readLevel(logoPercent > 0);
  const quietModules = whole('quiet', MIN_QUIET, MIN_QUIET, MAX_QUIET);
  const sizePx = whole('size', DEFAULT_SIZE_PX, MIN_SIZE_PX, MAX_SIZE_PX);
  const color = colour(query.has('colour') ? 'colour' : 'color', '#000000');
  const background = colour('background', '#ffffff');
  if (color !== undefined && background !== undefined && !isReadable(color, background))
    problems.push({
      path: 'color',
      message: `must be darker than the background with a contrast of at least ${MIN_CONTRAST} to 1, or scanners do not find the code`,
    });
  const via = query.get('via') ?? '';
  if (via !== '' && via !== 'vanity') problems.push({ path: 'via', message: 'must be vanity: the first short name instead of /t' });
  const utm = readUtm();
  if (problems.length > 0) return { kind: 'problems', problems };
  const request = {
    level,
    quietModules,
    sizePx,
    color: color!,
    background: background!,
    logoPercent,
    isVanity: via === 'vanity',
    utm,
  };
  return { kind: 'ok', request };

  function whole(name: string, fallback: number, min: number, max: number): number {
    const text = query.get(name);
    if (text === undefined) return fallback;
    const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    problems.push({ path: name, message: `must be a whole number from ${min} to ${max}` });
    return fallback;
  }

  function readLevel(hasLogo: boolean): QrLevel {
    const text = query.get('level')?.toUpperCase();
    if (text !== undefined && text !== 'L' && text !== 'M' && text !== 'Q' && text !== 'H') {
      problems.push({ path: 'level', message: 'must be L, M, Q or H: 7, 15, 25 or 30 % of the code may be lost' });
      return DEFAULT_LEVEL;
    }
    if (hasLogo && text !== undefined && text !== 'H')
      problems.push({ path: 'level', message: 'must be H beside a logo, which hides a part of the code' });
    return hasLogo ? 'H' : (text ?? DEFAULT_LEVEL);
  }

  function colour(name: string, fallback: string): string | undefined {
    const text = query.get(name);
    if (text === undefined) return fallback;
    const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text)?.[1]?.toLowerCase();
    if (digits !== undefined) return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`;
    problems.push({ path: name, message: 'must be a colour of three or six hexadecimal digits, such as 1a2b3c' });
    return undefined;
  }

  function readUtm(): QrRequest['utm'] {
    const found = UTM_NAMES.flatMap((name) => {
      const value = query.get(name);
      return value === undefined || value === '' ? [] : [[name, value.toWellFormed()] as const];
    });
    const length = found.reduce((sum, [name, value]) => sum + name.length + encodeURIComponent(value).length, 0);
    if (length > MAX_UTM_CHARACTERS)
      problems.push({ path: 'utm', message: `must come to at most ${MAX_UTM_CHARACTERS} characters, or the code gets too fine to scan` });
    return found;
  }
}

/** Address that a printed code holds. */
export function qrTarget(
  publicUrl: string,
  workspace: string,
  placement: { readonly name: string; readonly vanity: readonly string[] },
  { isVanity, utm }: Pick<QrRequest, 'isVanity' | 'utm'>,
): string {
  const [shortName] = placement.vanity;
  const path = isVanity && shortName !== undefined ? `/go/${shortName}` : `/t/${workspace}/${placement.name}`;
  const query = utm.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${publicUrl}${path}${query === '' ? '' : `?${query}`}`;
}

/** Scanners look for dark on light; many do not try the other way round. */
function isReadable(color: string, background: string): boolean {
  return (luminance(background) + 0.05) / (luminance(color) + 0.05) >= MIN_CONTRAST;
}

/** Relative luminance, WCAG 2.2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
