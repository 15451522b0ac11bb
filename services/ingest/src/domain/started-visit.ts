import { readAnalyticsIds } from './analytics-ids.ts';
import type { VisitBody } from './beacon.ts';
import { sourceValues } from './beacon.ts';
import type { VisitFacts, Visitor } from './click.ts';
import { eventTime } from './client-time.ts';
import { keepLanguageTags } from './language.ts';
import { readSource } from './source.ts';
import { pageUrl } from './url.ts';

/** What a beacon says of a visit, as far as it can be kept. */
export function startedVisit(body: VisitBody, visitor: Visitor, now: number): VisitFacts {
  const touch = (fields: VisitBody['first_touch']) =>
    fields === undefined ? undefined : readSource(sourceValues(fields), fields.referrer);
  return {
    workspace: body.workspace,
    visitId: body.visit_id,
    visitorId: body.visitor_id ?? '',
    startedAtMs: eventTime(body.time, now),
    observedAtMs: now,
    source: readSource(sourceValues(body), body.referrer),
    firstTouch: touch(body.first_touch),
    lastTouch: touch(body.last_touch),
    landingPage: body.landing_page === undefined ? '' : pageUrl(body.landing_page),
    pages: (body.pages ?? [])
      .map(({ url, time }) => ({ url: pageUrl(url), seenAtMs: eventTime(time, now) }))
      .filter(({ url }) => url !== ''),
    visitor: body.languages === undefined ? visitor : { ...visitor, languages: keepLanguageTags(body.languages) },
    analyticsIds: {
      ...readAnalyticsIds(body.cookies ?? ''),
      ...Object.fromEntries(
        Object.entries(body.analytics_ids ?? {}).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
        ),
      ),
    },
    // A visit is kept, and sent, only where analytics may be.
    consent: body.ads === undefined ? {} : { analytics_storage: 'granted', ad_storage: body.ads ? 'granted' : 'denied' },
  };
}
