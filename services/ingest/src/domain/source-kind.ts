import type { SourceFacts } from './source.ts';

/** Closed list of SourceKind in proto/messtrack/v1/source.proto. */
export type SourceKindWord = 'ad' | 'search' | 'social' | 'assistant' | 'messenger' | 'email' | 'campaign' | 'referral' | 'direct';

export interface SourceClass {
  readonly kind: SourceKindWord;
  /** "Google", "ChatGPT"; of a referral its host; empty where the kind says all. */
  readonly name: string;
}

/** Names by host, lower case and without "www."; of search engines also "{}.host" for any one label before it. */
export interface ReferrerLists {
  readonly assistants: ReadonlyMap<string, string>;
  readonly socials: ReadonlyMap<string, string>;
  readonly searches: ReadonlyMap<string, string>;
  /** Search engines with a domain in many countries: the part before the last dots, such as "google". */
  readonly searchesAnywhere: ReadonlyMap<string, string>;
}

/** Sites and apps (`android-app://…` as referrer) of messengers, which no list has. */
const MESSENGERS: ReadonlyMap<string, string> = new Map([
  ['t.me', 'Telegram'],
  ['telegram.me', 'Telegram'],
  ['web.telegram.org', 'Telegram'],
  ['org.telegram.messenger', 'Telegram'],
  ['org.telegram.messenger.web', 'Telegram'],
  ['org.telegram.plus', 'Telegram'],
  ['wa.me', 'WhatsApp'],
  ['web.whatsapp.com', 'WhatsApp'],
  ['api.whatsapp.com', 'WhatsApp'],
  ['com.whatsapp', 'WhatsApp'],
  ['com.whatsapp.w4b', 'WhatsApp'],
  ['m.me', 'Messenger'],
  ['messenger.com', 'Messenger'],
  ['l.messenger.com', 'Messenger'],
  ['com.facebook.orca', 'Messenger'],
  ['vk.me', 'VK'],
  ['max.ru', 'MAX'],
  ['web.max.ru', 'MAX'],
  ['viber.com', 'Viber'],
  ['com.viber.voip', 'Viber'],
  ['telegram', 'Telegram'],
  ['whatsapp', 'WhatsApp'],
  ['viber', 'Viber'],
]);

/** Apps that hand a page over with their own name as referrer. */
const APPS: ReadonlyMap<string, SourceClass> = new Map([
  ['com.google.android.googlequicksearchbox', { kind: 'search', name: 'Google' }],
  ['com.google.android.gm', { kind: 'email', name: 'Gmail' }],
  ['ru.yandex.searchplugin', { kind: 'search', name: 'Yandex' }],
  ['com.instagram.android', { kind: 'social', name: 'Instagram' }],
  ['com.facebook.katana', { kind: 'social', name: 'Facebook' }],
  ['com.zhiliaoapp.musically', { kind: 'social', name: 'TikTok' }],
  ['com.vkontakte.android', { kind: 'social', name: 'VK' }],
  ['com.linkedin.android', { kind: 'social', name: 'LinkedIn' }],
  ['com.twitter.android', { kind: 'social', name: 'X (Twitter)' }],
  ['com.openai.chatgpt', { kind: 'assistant', name: 'ChatGPT' }],
]);

/** Identifiers that only paid clicks carry, with the platform. `fbclid` is not among them: every link on Facebook gets one, paid or not. */
const AD_CLICK_IDS: readonly (readonly [string, string])[] = [
  ['gclid', 'Google'],
  ['gbraid', 'Google'],
  ['wbraid', 'Google'],
  ['yclid', 'Yandex'],
  ['ttclid', 'TikTok'],
  ['msclkid', 'Bing'],
  ['rb_clickid', 'VK'],
  ['vkclid', 'VK'],
  ['ctwa_clid', 'Meta'],
];

/** GA4's default channels, by medium. */
const PAID = /^(?:.*cp.*|ppc|retargeting|remarketing|paid.*|ads?|display|banner|expandable|interstitial|target.*)$/;
const EMAIL = /^(?:e[-_ ]?mail|newsletter)$/;
const SOCIAL = /^(?:social(?:[-_ ]?(?:network|media))?|smm|sm)$/;
const MESSENGER = /^(?:messenger|chat|im|messaging)$/;

/**
 * What kind of place somebody came from. What a link says of itself weighs more than where it stood: an ad is an ad on any site. A tagged link
 * whose tags say no kind is sorted by its utm_source, then by its referrer, and is a campaign when neither is known.
 */
export function classifySource(source: SourceFacts, lists: ReferrerLists): SourceClass {
  const { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, clickIds } = source;
  const medium = utmMedium.trim().toLowerCase();
  const tag = utmSource.trim().toLowerCase();
  const byTag = tag === '' ? undefined : known(tag.includes('.') || MESSENGERS.has(tag) ? tag : `${tag}.com`, lists);
  const byReferrer = referrerHost === '' ? undefined : known(referrerHost, lists);
  const name = byTag?.name ?? byReferrer?.name ?? '';

  const paid = AD_CLICK_IDS.find(([id]) => clickIds[id] !== undefined);
  if (paid !== undefined) return { kind: 'ad', name: paid[1] };
  if (PAID.test(medium)) return { kind: 'ad', name };
  if (medium === 'organic') return { kind: 'search', name };
  if (EMAIL.test(medium)) return { kind: 'email', name };
  if (SOCIAL.test(medium)) return { kind: 'social', name };
  if (MESSENGER.test(medium)) return { kind: 'messenger', name };
  // "google" as utm_source without a medium is more often an ad than a search: people tag links of their own, never search results.
  const found = byTag === undefined || (byTag.kind === 'search' && !tag.includes('.')) ? byReferrer : byTag;
  if (found !== undefined) return found;
  if (clickIds['fbclid'] !== undefined) return { kind: 'social', name: 'Facebook' };
  if ((tag || medium || utmCampaign || utmContent || utmTerm) !== '') return { kind: 'campaign', name: '' };
  return referrerHost === '' ? { kind: 'direct', name: '' } : { kind: 'referral', name: withoutWww(referrerHost) };
}

function known(text: string, lists: ReferrerLists): SourceClass | undefined {
  const host = withoutWww(text);
  const messenger = MESSENGERS.get(host);
  if (messenger !== undefined) return { kind: 'messenger', name: messenger };
  const app = APPS.get(host);
  if (app !== undefined) return app;
  const assistant = lists.assistants.get(host);
  if (assistant !== undefined) return { kind: 'assistant', name: assistant };
  // Mail and maps of a search company are no searches: only the hosts that the list names.
  const below = `{}${host.slice(host.indexOf('.'))}`;
  const search = lists.searches.get(host) ?? lists.searches.get(below) ?? searchAnywhere(host, lists.searchesAnywhere);
  if (search !== undefined) return { kind: 'search', name: search };
  for (let part = host; part.includes('.'); part = part.slice(part.indexOf('.') + 1)) {
    const social = lists.socials.get(part);
    if (social !== undefined) return { kind: 'social', name: social };
  }
  return undefined;
}

/** "google.co.uk" is "google" and a country; "google.example.com" is somebody else's. */
function searchAnywhere(host: string, anywhere: ReadonlyMap<string, string>): string | undefined {
  const country = /^(.+?)\.(?:(?:com?|org|net)\.[a-z]{2}|[a-z]{2,3})$/.exec(host);
  return country === null ? undefined : anywhere.get(country[1]!);
}

function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host;
}
