import { drawCode } from '@messtrack/tracking-code/code-drawing.ts';
import type { Placement } from '@messtrack/workspace/workspace.ts';
import { ownTrafficOf } from './adapters/own-traffic.ts';
import { type ClickBody, sourceValues } from './domain/beacon.ts';
import type { ClickFacts, Visitor } from './domain/click.ts';
import { eventTime } from './domain/client-time.ts';
import { keepLanguageTags } from './domain/language.ts';
import { ownClickReason } from './domain/own-click.ts';
import type { Found } from './domain/placement.ts';
import { isPrivateAddress } from './domain/private-address.ts';
import { readQuery } from './domain/query.ts';
import { requestScore } from './domain/request-score.ts';
import { combineSources, readSource, type SourceFacts } from './domain/source.ts';
import type { RequestFacts } from './domain/visitor.ts';
import type { IngestMetrics } from './metrics.ts';
import type { HeaderReader, RandomBytes, RecentClicks } from './ports.ts';

export interface ClickMakerPorts {
  readonly headers: HeaderReader;
  readonly recent: RecentClicks;
  readonly random: RandomBytes;
  readonly metrics: IngestMetrics;
}

/** Who asks for what, and when. */
export interface Asked {
  readonly request: RequestFacts;
  readonly visitor: Visitor;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** From a request to the click it is: how each way of clicking fills it in. */
export interface ClickMaker {
  /** The click of a redirect, with a new code and one of the greetings. */
  ofRedirect(found: Found, asked: Asked): ClickFacts;
  /** Clicks that a page made and registers, in the order of the bodies; `visits` holds the source of the visit of each where one is known. */
  ofBodies(
    bodies: readonly ClickBody[],
    found: readonly Found[],
    visits: readonly (SourceFacts | undefined)[],
    asked: Asked,
  ): readonly ClickFacts[];
  /** Counts what was thought of a click that has been made durable. */
  countJudgement(click: ClickFacts): void;
}

const CLICK_ID_BYTES = 16;

export function createClickMaker({ headers, recent, random, metrics }: ClickMakerPorts): ClickMaker {
  /** A retry brings up to fifty clicks in one request: requests are counted, for those clicks were hours apart. */
  function countRecent({ visitor, now }: Asked): number {
    return visitor.ip === '' || isPrivateAddress(visitor.ip) ? 1 : recent.count(`${visitor.ip}\n${visitor.userAgent}`, now);
  }

  function ofBody(
    body: ClickBody,
    found: Found,
    visit: SourceFacts | undefined,
    { request, visitor, now }: Asked,
    requests: number,
  ): ClickFacts {
    const visitorId = body.visitor_id ?? '';
    // Whoever changes address with every click is still one visitor.
    const ofVisitor = visitorId === '' ? 0 : recent.count(`${found.workspace.name}\n${visitorId}`, now);
    const isKnownGreeting = body.greeting_variant !== undefined && body.greeting_variant < found.placement.greetings.length;
    return {
      ...common(found, body.languages === undefined ? visitor : { ...visitor, languages: keepLanguageTags(body.languages) }),
      clickId: body.click_id,
      code: body.code,
      // A page cached before the greetings were shortened may name one that is gone.
      greetingVariant: isKnownGreeting ? body.greeting_variant : undefined,
      visitId: body.visit_id ?? '',
      visitorId,
      botScore: requestScore(request, visitor, Math.max(requests, ofVisitor), false),
      own: ownClickReason(ownTrafficOf(found.workspace), { placement: found.placement.name, visitorId, ip: visitor.ip, query: undefined }),
      source: combineSources(readSource(sourceValues(body), body.referrer, headers.referrerHost), visit, found.placement.source),
      origin: 'beacon',
      eventTimeMs: eventTime(body.time, now),
      observedAtMs: now,
    };
  }

  return {
    ofRedirect(found, asked) {
      const { request, visitor, now } = asked;
      const { workspace, placement } = found;
      const query = readQuery(request.target);
      return {
        ...common(found, visitor),
        clickId: newClickId(random),
        code: drawCode(random),
        greetingVariant: chooseGreeting(placement, random),
        visitId: '',
        visitorId: '',
        botScore: requestScore(request, visitor, countRecent(asked), true),
        own: ownClickReason(ownTrafficOf(workspace), { placement: placement.name, visitorId: '', ip: visitor.ip, query }),
        source: combineSources(readSource(query, request.referrer, headers.referrerHost), undefined, placement.source),
        origin: 'redirect',
        eventTimeMs: now,
        observedAtMs: now,
      };
    },

    ofBodies(bodies, found, visits, asked) {
      const requests = countRecent(asked);
      return bodies.map((body, index) => ofBody(body, found[index]!, visits[index], asked, requests));
    },

    countJudgement({ own, botScore: { signs } }) {
      if (own !== undefined) metrics.internalClicks[own].inc();
      for (const sign of signs) metrics.botSigns[sign].inc();
    },
  };
}

function common({ workspace, account, placement }: Found, visitor: Visitor) {
  return {
    workspace: workspace.name,
    account: account.name,
    placement: placement.name,
    carriers: placement.carriers,
    visitor,
    keptIp: workspace.privacy.keepIp ? visitor.ip : '',
  };
}

function newClickId(random: RandomBytes): string {
  const { buffer, byteOffset, byteLength } = random(CLICK_ID_BYTES);
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64url');
}

function chooseGreeting(placement: Placement, random: RandomBytes): number | undefined {
  // 16 bits over at most 256 greetings: none is preferred by more than half a per cent.
  if (placement.carriers.includes('start_payload') || placement.greetings.length === 0) return undefined;
  const [high = 0, low = 0] = random(2);
  return ((high << 8) | low) % placement.greetings.length;
}
