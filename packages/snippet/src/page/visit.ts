import type { Consent } from './consent.ts';
import type { Memory } from './memory.ts';
import { toJson } from './memory.ts';
import { randomId } from './random.ts';
import { analyticsCookies, type ClickOrigin, type Touch } from './touch.ts';

const VISIT_OVER_MS = 1_800_000;
/** Browsers tell of one page several times while it loads. */
const SEEN_AGAIN_MS = 60_000;
const MAX_PAGES = 50;
const MAX_URL = 300;

export interface Visits {
  /** The page was shown: by loading, or by a script that changed the address. True when that is news. */
  page(): boolean;
  /** What is known now, as the body of POST /v1/visits; undefined when nothing changed since the last time, or nothing may be kept. */
  news(): string | undefined;
  clickOrigin(): ClickOrigin;
}

export function createVisits(workspace: string, memory: Memory, touch: Touch, consent: () => Consent): Visits {
  let sent = '';
  let shown = '';
  let shownAt = 0;
  const allowed = (given?: Touch): Touch | undefined => (given && !consent().ads ? { ...given, ad_query: undefined } : given);

  return {
    page() {
      const now = Date.now();
      const url = consent().store ? (location.origin + location.pathname).slice(0, MAX_URL) : '';
      if (url === shown && now - shownAt < SEEN_AGAIN_MS) return false;
      shown = url;
      shownAt = now;
      if (!url) return false;
      const here = allowed(touch)!;
      memory.change((kept) => {
        kept.visitor ??= randomId();
        kept.first ??= here;
        if (touch.query ?? touch.ad_query ?? touch.referrer) kept.last = here;
        // A landing page may be loaded again with its query: only another campaign begins another visit.
        const campaign = [here.query, here.ad_query].join();
        if (!kept.visit || now - kept.visit.seen > VISIT_OVER_MS || (campaign !== ',' && campaign !== kept.visit.campaign))
          kept.visit = { id: randomId(), start: now, seen: now, touch: here, campaign, landing: url, pages: [] };
        const { pages } = kept.visit;
        kept.visit.seen = now;
        if (pages[pages.length - 1]?.url !== url) pages.push({ url, time: now });
        if (pages.length > MAX_PAGES) pages.shift();
      });
      return true;
    },
    news() {
      const { visit, visitor, first, last } = memory.change();
      if (!visit) return undefined;
      const { ads } = consent();
      const text = toJson({
        workspace,
        visit_id: visit.id,
        visitor_id: visitor,
        time: visit.start,
        ...allowed(visit.touch),
        first_touch: allowed(first),
        last_touch: allowed(last),
        landing_page: visit.landing,
        pages: visit.pages,
        cookies: analyticsCookies(document.cookie, ads),
        ads,
      });
      if (text === sent) return undefined;
      sent = text;
      return text;
    },
    clickOrigin() {
      const { visit, visitor } = memory.change();
      return { ...allowed(visit?.touch ?? touch), visit_id: visit?.id, visitor_id: visitor };
    },
  };
}
