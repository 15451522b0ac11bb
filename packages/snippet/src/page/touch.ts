/** How somebody came to a page; undefined where it says nothing. Ingest takes the pairs apart: that is no work for somebody's phone. */
export interface Touch {
  /** utm_* of the address, as they stand there. */
  readonly query?: string | undefined;
  /** Identifiers of ad platforms in the address, as they stand there. */
  readonly ad_query?: string | undefined;
  /** Without query and fragment: where searches and tokens of other sites travel. */
  readonly referrer?: string | undefined;
}

/** Where a click came from, and who made it where that may be known. */
export interface ClickOrigin extends Touch {
  readonly visit_id?: string | undefined;
  readonly visitor_id?: string | undefined;
}

/** `search` as in `location.search`. Of the rest of it, where e-mail addresses and tokens travel, nothing is looked at. */
export function readTouch(search: string, referrer: string, origin: string): Touch {
  const pick = (isWanted: (name: string) => boolean): string | undefined =>
    search
      .slice(1)
      .split('&')
      .filter((pair) => {
        const [name, value] = pair.split('=') as [string, string?];
        return value && isWanted(name.toLowerCase());
      })
      .join('&') || undefined;
  return {
    query: pick((name) => name.startsWith('utm_')),
    // Wider than the names ingest keeps: it leaves out what it does not know, and a page cached for a week may send to a newer one. An expression, because as many
    // names in full would take the script over 5 KB; it is compiled on pages with parameters only.
    ad_query: pick((name) => /([_c]c|cl|cl?k|bra|fat_)id$/.test(name)),
    referrer: referrer.startsWith(`${origin}/`) ? undefined : referrer.split(/[?#]/)[0] || undefined,
  };
}

/** Cookies of analytics that tell visits apart, as they stand in `document.cookie`. */
export function analyticsCookies(cookies: string, isAdsAllowed: boolean): string {
  return cookies
    .split('; ')
    .filter((cookie) => /^_(ga(_\w+)?|ym_uid|fb[pc])=/.test(cookie) && (isAdsAllowed || cookie[1] !== 'f'))
    .join('; ');
}
