import { anyCountry, placeOfHost, placeOfTag } from './known-places.ts';
import type { SourceFacts } from './source.ts';
import type { SourceClass } from './source-class.ts';

/** Names by host, lower case and without "www."; of search engines also "{}.host" for any one label before it. */
export interface ReferrerLists {
  readonly assistants: ReadonlyMap<string, string>;
  readonly socials: ReadonlyMap<string, string>;
  readonly searches: ReadonlyMap<string, string>;
  /** Search engines with a domain in many countries: the part before the last dots, such as "google". */
  readonly searchesAnywhere: ReadonlyMap<string, string>;
}

/** Identifiers that only paid clicks carry, with the platform. `fbclid` and `epik` are not among them: every link on Facebook or Pinterest gets one, paid or not. */
const AD_CLICK_IDS: readonly (readonly [string, string])[] = [
  ['gclid', 'Google'],
  ['gbraid', 'Google'],
  ['wbraid', 'Google'],
  ['dclid', 'Google'],
  // Stays where a browser or a banner has taken gclid away.
  ['gad_source', 'Google'],
  ['yclid', 'Yandex'],
  ['ymclid', 'Yandex'],
  ['ttclid', 'TikTok'],
  ['msclkid', 'Bing'],
  ['rb_clickid', 'VK'],
  ['vkclid', 'VK'],
  ['twclid', 'Twitter'],
  ['li_fat_id', 'LinkedIn'],
  ['sccid', 'Snapchat'],
  ['rdt_cid', 'reddit'],
  ['ctwa_clid', 'Meta'],
];

/** Identifiers of every link of a network. */
const SOCIAL_CLICK_IDS: readonly (readonly [string, string])[] = [
  ['fbclid', 'Facebook'],
  ['epik', 'Pinterest'],
];

/** GA4's default channels, by medium, with what people write for them besides. */
const PAID =
  /^(?:.*cp.*|ppc|(?:.*[-_ ])?paid.*|retargeting|remarketing|ads?|adv(?:ert(?:s|ising)?)?|display|banners?|expandable|interstitial|native|teasers?|context(?:ual)?|programmatic|sponsored|target.*)$/;
const EMAIL = /^(?:e[-_ ]?mail(?:s|ings?)?|mail(?:s|er|ings?)?|newsletters?)$/;
const SOCIAL = /^(?:(?:organic[-_ ])?social(?:[-_ ]?(?:networks?|media|organic))?|smm|sm)$/;
const MESSENGER = /^(?:messengers?|chats?|im|messaging|whatsapp|telegram|viber|wa|tg)$/;
const REFERRAL = /^(?:referral|link|app)$/;

/** "vk_ads", "telegram-ads", "googleads", "yandex.direct": whoever tags a link so has paid for it. */
const AD_TAG =
  /^(?:.+[-_. ])?ads?$|^(?:google|vk|facebook|fb|meta|instagram|telegram|tg|tiktok|bing|linkedin|microsoft)ads?$|^yandex[-_. ]?direct$/;

/** How reports write that there is nothing; people copy it into links. */
const NOTHING = /^\((?:none|direct|not set|not provided)\)$/;

/**
 * What kind of place somebody came from. What a link says of itself weighs more than where it stood: an ad is an ad on any site. A tagged link
 * whose tags say no kind is sorted by its utm_source, then by its referrer, and is a campaign when neither is known.
 */
export function classifySource(source: SourceFacts, lists: ReferrerLists): SourceClass {
  const { utmCampaign, utmContent, utmTerm, referrerHost, clickIds } = source;
  const paid = AD_CLICK_IDS.find(([id]) => clickIds[id] !== undefined);
  if (paid !== undefined) return { kind: 'ad', name: paid[1] };
  const medium = said(source.utmMedium);
  const tag = said(source.utmSource);
  const byTag = tag === '' ? undefined : knownTag(tag, lists);
  const byReferrer = referrerHost === '' ? undefined : known(referrerHost, lists);
  const name = byTag?.name || byReferrer?.name || '';

  if (PAID.test(medium)) return { kind: 'ad', name };
  if (EMAIL.test(medium)) return { kind: 'email', name };
  if (SOCIAL.test(medium)) return { kind: 'social', name };
  if (MESSENGER.test(medium)) return { kind: 'messenger', name: name || (placeOfTag(medium)?.name ?? '') };
  // An unpaid post on Instagram is "organic" to many; a search is what only searches can be.
  if (medium === 'organic') return byTag !== undefined && byTag.kind !== 'ad' ? byTag : { kind: 'search', name };
  // "google" as utm_source without a medium is more often an ad than a search: people tag links of their own, never search results.
  const found = byTag === undefined || (byTag.kind === 'search' && !tag.includes('.')) ? byReferrer : byTag;
  if (found !== undefined) return found;
  const network = SOCIAL_CLICK_IDS.find(([id]) => clickIds[id] !== undefined);
  if (network !== undefined) return { kind: 'social', name: network[1] };
  if (REFERRAL.test(medium)) return { kind: 'referral', name: tag || withoutWww(referrerHost) };
  if ((tag || medium || utmCampaign || utmContent || utmTerm) !== '') return { kind: 'campaign', name: '' };
  return referrerHost === '' ? { kind: 'direct', name: '' } : { kind: 'referral', name: withoutWww(referrerHost) };
}

function said(value: string): string {
  const text = value.trim().toLowerCase();
  return NOTHING.test(text) ? '' : text;
}

/** A utm_source: a host, a host without its ".com", a word of ours, or one of these and more behind it ("telegram_channel", "vk_ads"). */
function knownTag(tag: string, lists: ReferrerLists): SourceClass | undefined {
  const whole = placeOfTag(tag) ?? known(tag.includes('.') ? tag : `${tag}.com`, lists);
  if (whole !== undefined) return whole;
  const [first = '', ...rest] = tag.split(/[-_. ]/);
  // Short words begin many names: "ok-sale" is no network.
  const brand = rest.length === 0 ? tag.replace(/ads?$/, '') : first.length > 4 || /^(?:fb|ig|vk|tg)$/.test(first) ? first : '';
  const behind = brand === '' || brand === tag ? undefined : (placeOfTag(brand) ?? known(`${brand}.com`, lists));
  if (AD_TAG.test(tag)) return { kind: 'ad', name: behind?.name ?? '' };
  // "google_maps" is not a search, and "google-spring" not known to be one.
  return behind?.kind === 'search' ? undefined : behind;
}

function known(text: string, lists: ReferrerLists): SourceClass | undefined {
  const host = withoutWww(text);
  const own = placeOfHost(host);
  if (own !== undefined) return own;
  const assistant = lists.assistants.get(host);
  if (assistant !== undefined) return { kind: 'assistant', name: assistant };
  // Mail and maps of a search company are no searches: only the hosts that the list names.
  const below = `{}${host.slice(host.indexOf('.'))}`;
  const search = lists.searches.get(host) ?? lists.searches.get(below) ?? anyCountry(host, lists.searchesAnywhere);
  if (search !== undefined) return { kind: 'search', name: search };
  for (let part = host; part.includes('.'); part = part.slice(part.indexOf('.') + 1)) {
    const social = lists.socials.get(part);
    if (social !== undefined) return { kind: 'social', name: social };
  }
  // "m.search.naver.com" is the site for phones of "search.naver.com".
  return host.startsWith('m.') ? known(host.slice(2), lists) : undefined;
}

function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host;
}
