import type { NetworkKind } from './network-class.ts';

/**
 * How much a request looks like a program's that calls itself a browser, 0 to 1: 1 − Π (1 − w) over the signs found, in steps of 0.01. That is the chance that at least
 * one sign is right when each is right by its own weight. The weights are judgement, not measured: a sign that some people's browsers show stays below one half, so
 * that it takes two of them. What a score is worth in messages is learned by the matcher; nobody is refused, delayed or left out for it here.
 */
export const BOT_SIGNS = {
  /** The user agent is of a known program, or the request a prefetch or HEAD: `bot` of the click says which. */
  known_program: 1,
  /** Client hints name a headless browser although the user agent does not. */
  headless: 0.95,
  /** Two headers contradict each other, as no browser's do: client hints of another platform, another form factor or another engine than the user agent's. */
  contradiction: 0.7,
  /** A redirect that the browser says nobody has opened: a page shows it as a picture, or a script of one fetches it. */
  not_opened: 0.9,
  /** 16 clicks or more from one address and browser, or one visitor, within ten seconds. */
  fast_burst: 0.9,
  /** 5 clicks or more, likewise: also a person in anger, or five behind one operator's address with the same telephone. */
  burst: 0.4,
  /** No Accept-Language: browsers and in-app views send it, libraries do not; proxies for privacy take it out. */
  no_language: 0.45,
  /** No Accept-Encoding that any browser sends (gzip): libraries by default; proxies of firms. */
  no_encoding: 0.35,
  /** A page asked for with Accept: anything, or none: browsers ask for text/html when they follow a link. Not looked at on beacons, where it is usual. */
  any_accept: 0.35,
  /** From a data centre: programs, and people behind tunnels that end there. */
  data_centre: 0.4,
  /** A user agent that names no kind of device. */
  odd_user_agent: 0.35,
} as const;

export type BotSign = keyof typeof BOT_SIGNS;

export interface BotScore {
  /** 0 to 1 in steps of 0.01. */
  readonly score: number;
  /** In the order of `BOT_SIGNS`. */
  readonly signs: readonly BotSign[];
}

export interface BotEvidence {
  readonly isKnownProgram: boolean;
  readonly userAgent: string;
  readonly hasDevice: boolean;
  readonly acceptLanguage: string;
  readonly acceptEncoding: string;
  readonly accept: string;
  /** True when the request follows a link, false for beacons. */
  readonly isNavigation: boolean;
  /** Sec-Fetch-Mode as sent; empty when not, as by browsers before 2023. */
  readonly fetchMode: string;
  /** Sec-CH-UA, Sec-CH-UA-Platform and Sec-CH-UA-Mobile as sent; empty when not. Only Chromium sends them, and only over HTTPS. */
  readonly brands: string;
  readonly platform: string;
  readonly mobile: string;
  readonly network: NetworkKind;
  /** Requests with clicks of this address and browser, or of this visitor, within ten seconds, this one counted. */
  readonly recent: number;
}

const FAST_BURST = 16;
const BURST = 5;
const NO_SIGNS: BotScore = { score: 0, signs: [] };

export function botScore(evidence: BotEvidence): BotScore {
  const signs: BotSign[] = [];
  if (evidence.isKnownProgram) signs.push('known_program');
  if (/headless/i.test(evidence.brands)) signs.push('headless');
  if (contradicts(evidence)) signs.push('contradiction');
  if (evidence.isNavigation && evidence.fetchMode !== '' && !evidence.fetchMode.includes('navigate')) signs.push('not_opened');
  if (evidence.recent >= FAST_BURST) signs.push('fast_burst');
  else if (evidence.recent >= BURST) signs.push('burst');
  if (evidence.acceptLanguage === '') signs.push('no_language');
  if (!/\bgzip\b/i.test(evidence.acceptEncoding)) signs.push('no_encoding');
  if (evidence.isNavigation && !/text\/html|application\/xhtml/i.test(evidence.accept)) signs.push('any_accept');
  if (evidence.network === 'hosting') signs.push('data_centre');
  if (!evidence.hasDevice) signs.push('odd_user_agent');
  if (signs.length === 0) return NO_SIGNS;
  const person = signs.reduce((product, sign) => product * (1 - BOT_SIGNS[sign]), 1);
  return { score: Math.round((1 - person) * 100) / 100, signs };
}

/** Platforms of Sec-CH-UA-Platform and what a user agent of the same browser holds. Reduced user agents keep these words. */
const PLATFORMS: readonly (readonly [hint: string, inUserAgent: RegExp])[] = [
  ['"windows"', /Windows/],
  ['"macos"', /Macintosh/],
  // A phone that asks for the desktop site calls itself Linux in the user agent.
  ['"android"', /Android|X11/],
  ['"linux"', /Linux|X11/],
  ['"chrome os"', /CrOS/],
  ['"chromium os"', /CrOS/],
];

function contradicts({ userAgent, brands, platform, mobile }: BotEvidence): boolean {
  if (brands === '' && platform === '' && mobile === '') return false;
  // Only Chromium has client hints; on iOS every browser is WebKit and sends none.
  if (!/Chrom(?:e|ium)\/|Edg\/|OPR\//.test(userAgent)) return true;
  const expected = PLATFORMS.find(([hint]) => hint === platform.trim().toLowerCase());
  if (expected !== undefined && !expected[1].test(userAgent)) return true;
  // Tablets say Android without Mobile; a desktop never says Mobile.
  return mobile.trim() === '?1' && /Windows NT|Macintosh|CrOS/.test(userAgent);
}
