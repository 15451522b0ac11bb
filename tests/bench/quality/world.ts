/**
 * Where people live and what they speak. Shares are round numbers of the right order, not statistics: what matters is that some countries share a
 * language, that some phone numbers show a region and that mobile operators surface in few places.
 */
export interface Country {
  readonly code: string;
  /** Share of people and of wrong answers of a place database; the table sums to 1. */
  readonly weight: number;
  /** Regions with their share of people. Numbers of the country show the region when `phoneShowsRegion`. */
  readonly regions: readonly { readonly name: string; readonly share: number; readonly hub: number }[];
  readonly phoneShowsRegion: boolean;
  /** First browser language of a resident, by index in LANGUAGES. */
  readonly languages: readonly number[];
  /** Share of exits of VPN and hosting providers. */
  readonly exits: number;
}

/** Browser tags; compared by their primary subtag. A tag per language, so that its region says nothing more about the home. */
export const LANGUAGE_TAGS = [
  'ru-RU',
  'en-US',
  'de-DE',
  'es-ES',
  'pt-BR',
  'kk-KZ',
  'hi-IN',
  'id-ID',
  'ar-AE',
  'tr-TR',
  'pl-PL',
  'uk-UA',
] as const;
export const LANGUAGES: readonly string[] = LANGUAGE_TAGS.map((tag) => tag.slice(0, 2));

export const DEVICES = ['ios', 'android', 'desktop'] as const;
export const DESKTOP = 2;
export const NETWORKS = ['fixed', 'mobile', 'hosting', 'vpn'] as const;
export const FIXED = 0;
export const MOBILE = 1;
export const HOSTING = 2;
export const VPN = 3;

export const COUNTRIES: readonly Country[] = [
  country('RU', 0.22, 9, true, { ru: 0.95, en: 0.04, uk: 0.01 }, 0.04),
  country('KZ', 0.06, 6, true, { ru: 0.6, kk: 0.36, en: 0.04 }, 0.02),
  country('DE', 0.1, 8, false, { de: 0.84, tr: 0.06, ru: 0.04, en: 0.06 }, 0.24),
  country('ES', 0.08, 7, false, { es: 0.92, en: 0.06, ru: 0.02 }, 0.03),
  country('BR', 0.12, 9, true, { pt: 0.96, en: 0.03, es: 0.01 }, 0.03),
  country('MX', 0.08, 8, true, { es: 0.95, en: 0.05 }, 0.02),
  country('US', 0.1, 10, true, { en: 0.82, es: 0.15, pt: 0.01, ru: 0.02 }, 0.3),
  country('IN', 0.09, 9, true, { en: 0.52, hi: 0.48 }, 0.05),
  country('ID', 0.05, 7, false, { id: 0.9, en: 0.1 }, 0.05),
  country('AE', 0.03, 4, false, { ar: 0.42, en: 0.42, hi: 0.08, ru: 0.08 }, 0.03),
  country('TR', 0.05, 6, false, { tr: 0.94, ru: 0.03, en: 0.03 }, 0.06),
  country('PL', 0.02, 5, false, { pl: 0.86, uk: 0.1, en: 0.04 }, 0.13),
];

/** Regions fall off as 1/rank; two of them, the second and the fourth, are where mobile operators surface. */
function country(
  code: string,
  weight: number,
  regionCount: number,
  phoneShowsRegion: boolean,
  languages: Readonly<Record<string, number>>,
  exits: number,
): Country {
  const ranks = Array.from({ length: regionCount }, (_, rank) => 1 / (rank + 1));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const hubs: Readonly<Record<number, number>> = { 1: 0.55, 3: 0.25 };
  const plain = regionCount - Object.keys(hubs).length;
  return {
    code,
    weight,
    regions: ranks.map((rank, at) => ({ name: `${code}-${at + 1}`, share: rank / total, hub: hubs[at] ?? 0.2 / plain })),
    phoneShowsRegion,
    languages: LANGUAGES.map((language) => languages[language] ?? 0),
    exits,
  };
}
