import { clip } from './text.ts';

const MAX_UTM_LENGTH = 256;
/** Longest identifiers seen of any platform are below 300; a longer value is no identifier, and a cut one is a wrong one: it is left out. */
const MAX_CLICK_ID_LENGTH = 1_024;
const MAX_HOST_LENGTH = 253;

/** Parameters that ad platforms put on landing URLs. */
export const CLICK_ID_NAMES = [
  'gclid',
  'gbraid',
  'wbraid',
  'dclid',
  'gad_source',
  'yclid',
  'ymclid',
  'fbclid',
  'ttclid',
  'twclid',
  'msclkid',
  'li_fat_id',
  'sccid',
  'rdt_cid',
  'epik',
  'rb_clickid',
  'vkclid',
  'ctwa_clid',
] as const;

/** Where a person came from; empty text where unknown. */
export interface SourceFacts {
  readonly utmSource: string;
  readonly utmMedium: string;
  readonly utmCampaign: string;
  readonly utmContent: string;
  readonly utmTerm: string;
  /** Host name, lower case. */
  readonly referrerHost: string;
  /** By parameter name; values byte for byte. */
  readonly clickIds: Readonly<Record<string, string>>;
}

/** utm_* values a placement is configured with. */
export interface ConfiguredSource {
  readonly utm_source?: string | undefined;
  readonly utm_medium?: string | undefined;
  readonly utm_campaign?: string | undefined;
  readonly utm_content?: string | undefined;
  readonly utm_term?: string | undefined;
}

const NO_CLICK_IDS: Readonly<Record<string, string>> = {};

/**
 * Reads utm_* and click ids out of named values (a query, a field map) and the host out of a referrer.
 *
 * @param readHost `hostOf`, or one that remembers its answers
 */
export function readSource(
  values: ReadonlyMap<string, string>,
  referrer: string | undefined,
  readHost: (referrer: string) => string = hostOf,
): SourceFacts {
  return {
    utmSource: utm(values, 'utm_source'),
    utmMedium: utm(values, 'utm_medium'),
    utmCampaign: utm(values, 'utm_campaign'),
    utmContent: utm(values, 'utm_content'),
    utmTerm: utm(values, 'utm_term'),
    referrerHost: referrer === undefined || referrer === '' ? '' : readHost(referrer),
    clickIds: readClickIds(values),
  };
}

/**
 * The source of a click from what its own link says, what is known of its visit and what its placement is configured with.
 *
 * utm_* of the link and of the visit are never mixed: a campaign of one ad with the term of another is a source that never existed.
 * Configured values only fill what is left empty; ids of ad platforms and the referrer come from wherever they were seen.
 */
export function combineSources(own: SourceFacts, visit: SourceFacts | undefined, configured: ConfiguredSource): SourceFacts {
  const utmFrom = visit !== undefined && !hasUtm(own) ? visit : own;
  return {
    utmSource: utmFrom.utmSource || (configured.utm_source ?? ''),
    utmMedium: utmFrom.utmMedium || (configured.utm_medium ?? ''),
    utmCampaign: utmFrom.utmCampaign || (configured.utm_campaign ?? ''),
    utmContent: utmFrom.utmContent || (configured.utm_content ?? ''),
    utmTerm: utmFrom.utmTerm || (configured.utm_term ?? ''),
    // The page's own referrer at the tap is the site itself; where the visit came from says more.
    referrerHost: visit?.referrerHost || own.referrerHost,
    clickIds: visit === undefined ? own.clickIds : { ...visit.clickIds, ...own.clickIds },
  };
}

/** Sites, and apps that hand a page over. An extension, a file or a page of the browser's own is no place that anybody comes from. */
const REFERRING: ReadonlySet<string> = new Set(['https:', 'http:', 'android-app:', 'ios-app:']);

/** Host name of a referrer, lower case and without port and closing dot; empty when it is no address of a site or an app. */
export function hostOf(referrer: string): string {
  const url = URL.parse(referrer);
  if (url === null || !REFERRING.has(url.protocol)) return '';
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  return host.length > MAX_HOST_LENGTH ? '' : host;
}

function hasUtm(source: SourceFacts): boolean {
  return (source.utmSource || source.utmMedium || source.utmCampaign || source.utmContent || source.utmTerm) !== '';
}

/**
 * Placeholders that nobody filled in: a preview in the ad platform, a link copied out of it, Telegram, which fills none in. Taken as they are, they would be
 * one campaign made of many. Meta and VK write {{name}}, Google, Yandex and Microsoft {name}, TikTok __NAME__, ad servers ${NAME} and %%NAME%%.
 */
const PLACEHOLDER = /\{\{[^{}]*\}\}|\{[^{}]*\}|__[A-Z0-9_]+__|%%[A-Z0-9_]+%%/g;

/** Nothing but placeholders and what joins them: "{campaign_id}|{ad_id}". A value that holds more says that much. */
function isPlaceholder(value: string): boolean {
  if (!/[{_%]/.test(value)) return false;
  const left = value.replace(PLACEHOLDER, '');
  return left !== value && !/[\p{L}\p{N}]/u.test(left);
}

/** As most values are: nothing to take away and no placeholder. */
const PLAIN = /^[A-Za-z0-9.:+-]*$/;

function utm(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value !== undefined && value.length <= MAX_UTM_LENGTH && PLAIN.test(value)) return value;
  // Line breaks and spaces around come with templates that were pasted; "spring " would be another campaign than "spring".
  return value === undefined || isPlaceholder(value) ? '' : clip(value.replace(/\p{Cc}+/gu, ' ').trim(), MAX_UTM_LENGTH);
}

function readClickIds(values: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  let found: Record<string, string> | undefined;
  if (values.size === 0) return NO_CLICK_IDS;
  for (const name of CLICK_ID_NAMES) {
    const value = values.get(name);
    if (value === undefined || value === '' || value.length > MAX_CLICK_ID_LENGTH || isPlaceholder(value)) continue;
    found ??= {};
    found[name] = value.toWellFormed();
  }
  return found ?? NO_CLICK_IDS;
}
