/** Ids that analytics of the site know a visit by, as proto/messtrack/v1/visit.proto names them. */
export const ANALYTICS_ID_NAMES = ['ga_client_id', 'ga_session_id', 'ym_client_id', 'fbp', 'fbc'] as const;

const MAX_ID_LENGTH = 256;

/**
 * By the name of the cookie. GA's client id is what follows "GA1.n."; its session id is the digits after "s" in GS2, which came in May 2025 with
 * fields joined by "$", and the third of the dotted fields in GS1. Metrica's id exceeds what a number holds, Meta's are case-sensitive: all stay texts.
 */
const COOKIES: readonly { readonly name: RegExp; readonly id: (typeof ANALYTICS_ID_NAMES)[number]; readonly value: RegExp }[] = [
  { name: /^_ga$/, id: 'ga_client_id', value: /^GA\d\.\d+\.(\d+\.\d+)$/ },
  { name: /^_ga_\w+$/, id: 'ga_session_id', value: /^GS\d\.\d+\.s?(\d+)(?=[.$]|$)/ },
  { name: /^_ym_uid$/, id: 'ym_client_id', value: /^(\d+)$/ },
  { name: /^_fbp$/, id: 'fbp', value: /^(fb\.\d\.\d+\..+)$/ },
  { name: /^_fbc$/, id: 'fbc', value: /^(fb\.\d\.\d+\..+)$/ },
];

/** Ids in `cookies`, written as in `document.cookie`. Of several streams of GA the first counts. What has another form than it should is left out. */
export function readAnalyticsIds(cookies: string): Readonly<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const pair of cookies.split('; ')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    for (const cookie of COOKIES) {
      if (!cookie.name.test(name)) continue;
      const value = cookie.value.exec(pair.slice(equals + 1))?.[1];
      if (value !== undefined && value.length <= MAX_ID_LENGTH) ids[cookie.id] ??= value.toWellFormed();
    }
  }
  return ids;
}
