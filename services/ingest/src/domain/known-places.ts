import type { SourceClass, SourceKindWord } from './source-class.ts';

/**
 * Places that the lists do not have, or have under another kind: messengers, mail, servers of ads, apps (`android-app://…` as referrer). They come before the
 * lists, which take every page of facebook.com for its search and know ok.ru and vk.ru not at all.
 */
const NAMED: Readonly<Partial<Record<SourceKindWord, Readonly<Record<string, string>>>>> = {
  ad: {
    Google: 'doubleclick.net googlesyndication.com googleadservices.com',
  },
  search: {
    Google: 'com.google.android.googlequicksearchbox lens.google.com',
    Yandex: 'ru.yandex.searchplugin',
    Bing: 'com.microsoft.bing',
    DuckDuckGo: 'html.duckduckgo.com lite.duckduckgo.com com.duckduckgo.mobile.android',
    Seznam: 'seznam.cz',
  },
  assistant: {
    ChatGPT: 'com.openai.chatgpt',
    Claude: 'claude.com com.anthropic.claude',
    // Copilot within Bing and Edge; the rest of bing.com is a search.
    Copilot: 'copilot.com copilot.cloud.microsoft m365.cloud.microsoft edgeservices.bing.com com.microsoft.copilot',
    Deepseek: 'deepseek.com com.deepseek.chat',
    Doubao: 'doubao.com',
    Gemini: 'com.google.android.apps.bard',
    GigaChat: 'giga.chat',
    Grok: 'ai.x.grok',
    Kimi: 'kimi.com kimi.moonshot.cn',
    Perplexity: 'ai.perplexity.app.android',
    Phind: 'phind.com',
    Poe: 'poe.com com.poe.android',
    'Yandex Alice': 'alice.yandex.ru',
  },
  social: {
    Dzen: 'dzen.ru zen.yandex.ru ru.zen.android',
    Discord: 'com.discord',
    Facebook: 'facebook.com fb.com fb.me com.facebook.katana com.facebook.lite',
    Instagram: 'instagram.com com.instagram.android',
    LinkedIn: 'com.linkedin.android',
    Nextdoor: 'nextdoor.com',
    Odnoklassniki: 'ok.ru odnoklassniki.ru ru.ok.android',
    Pinterest: 'pin.it com.pinterest',
    Quora: 'quora.com',
    Rutube: 'rutube.ru',
    Threads: 'com.instagram.barcelona',
    TikTok: 'com.zhiliaoapp.musically com.ss.android.ugc.trill',
    'Truth Social': 'truthsocial.com',
    Twitch: 'twitch.tv',
    Twitter: 'com.twitter.android',
    VK: 'vk.com vk.ru vkontakte.ru com.vkontakte.android',
    YouTube: 'com.google.android.youtube',
  },
  messenger: {
    LINE: 'line.me jp.naver.line.android',
    MAX: 'max.ru ru.oneme.app',
    Messenger: 'm.me messenger.com com.facebook.orca',
    Slack: 'slack.com com.slack',
    Teams: 'teams.microsoft.com teams.live.com com.microsoft.teams',
    Telegram:
      't.me telegram.me telegram.dog web.telegram.org weba.telegram.org webk.telegram.org webz.telegram.org org.telegram.messenger org.telegram.messenger.web org.telegram.plus org.thunderdog.challegram',
    Viber: 'viber.com com.viber.voip',
    VK: 'vk.me',
    // l.wl.co: what links in WhatsApp on computers lead through.
    WhatsApp: 'wa.me l.wl.co whatsapp.com com.whatsapp com.whatsapp.w4b',
  },
  email: {
    AOL: 'mail.aol.com',
    Gmail: 'mail.google.com com.google.android.gm',
    GMX: 'deref-gmx.net',
    'Mail.ru': 'e.mail.ru ru.mail.mailapp',
    Outlook: 'outlook.live.com outlook.office.com outlook.office365.com safelinks.protection.outlook.com com.microsoft.office.outlook',
    Proton: 'mail.proton.me',
    Rambler: 'mail.rambler.ru',
    'WEB.DE': 'deref-web.de',
    Yahoo: 'mail.yahoo.com com.yahoo.mobile.client.android.mail',
    Yandex: 'ru.yandex.mail',
  },
};

/** Domains of many countries: the part before the last dots. */
const IN_ANY_COUNTRY: ReadonlyMap<string, SourceClass> = new Map([
  ['pinterest', { kind: 'social', name: 'Pinterest' }],
  ['mail.yandex', { kind: 'email', name: 'Yandex' }],
  // Servers of Yandex Direct's ads; the list of searches has one of them.
  ['yabs.yandex', { kind: 'ad', name: 'Yandex' }],
  ['an.yandex', { kind: 'ad', name: 'Yandex' }],
]);

/** What people and ad platforms write as utm_source, beside names that are a host without its ".com". Facebook's {{site_source_name}} is fb, ig, msg, an or th. */
const TAGS: ReadonlyMap<string, SourceClass> = new Map(
  Object.entries({
    fb: ['social', 'Facebook'],
    meta: ['social', 'Facebook'],
    an: ['ad', 'Facebook'],
    ig: ['social', 'Instagram'],
    inst: ['social', 'Instagram'],
    insta: ['social', 'Instagram'],
    th: ['social', 'Threads'],
    msg: ['messenger', 'Messenger'],
    vkontakte: ['social', 'VK'],
    ok: ['social', 'Odnoklassniki'],
    odnoklassniki: ['social', 'Odnoklassniki'],
    dzen: ['social', 'Dzen'],
    zen: ['social', 'Dzen'],
    yt: ['social', 'YouTube'],
    tt: ['social', 'TikTok'],
    tg: ['messenger', 'Telegram'],
    telegram: ['messenger', 'Telegram'],
    wa: ['messenger', 'WhatsApp'],
    whatsapp: ['messenger', 'WhatsApp'],
    viber: ['messenger', 'Viber'],
    max: ['messenger', 'MAX'],
    openai: ['assistant', 'ChatGPT'],
    perplexity: ['assistant', 'Perplexity'],
    claude: ['assistant', 'Claude'],
    gemini: ['assistant', 'Gemini'],
    copilot: ['assistant', 'Copilot'],
    gmail: ['email', 'Gmail'],
    email: ['email', ''],
    'e-mail': ['email', ''],
    e_mail: ['email', ''],
    'e mail': ['email', ''],
    adwords: ['ad', 'Google'],
  } satisfies Readonly<Record<string, readonly [SourceKindWord, string]>>).map(([tag, [kind, name]]) => [tag, { kind, name }]),
);

const HOSTS: ReadonlyMap<string, SourceClass> = new Map(
  Object.entries(NAMED).flatMap(([kind, names]) =>
    Object.entries(names).flatMap(([name, hosts]) =>
      hosts.split(' ').map((host) => [host, { kind: kind as SourceKindWord, name }] as const),
    ),
  ),
);

/** A host without "www." or an app; whatever stands below a host belongs to it, but for searches, whose companies have mail and maps there. */
export function placeOfHost(host: string): SourceClass | undefined {
  const whole = HOSTS.get(host);
  if (whole !== undefined) return whole;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const place = HOSTS.get(host.slice(dot + 1));
    if (place !== undefined && place.kind !== 'search') return place;
  }
  // "br.pinterest.com" as well as "pinterest.com.br".
  return anyCountry(host, IN_ANY_COUNTRY) ?? anyCountry(host.slice(host.indexOf('.') + 1), IN_ANY_COUNTRY);
}

/** What a utm_source names that is no host. */
export function placeOfTag(tag: string): SourceClass | undefined {
  return TAGS.get(tag);
}

/** "google.co.uk" is "google" and a country; "google.example.com" is somebody else's. */
export function anyCountry<T>(host: string, places: ReadonlyMap<string, T>): T | undefined {
  const country = /^(.+?)\.(?:(?:com?|org|net)\.[a-z]{2}|[a-z]{2,3})$/.exec(host);
  return country === null ? undefined : places.get(country[1]!);
}
