import { drawOf, sendbackKey } from './adapters/sendback-key.ts';
import { isKeptNowhere } from './adapters/spool.ts';
import { type Asked, createClickMaker } from './click-making.ts';
import { chooseAccount } from './domain/account-choice.ts';
import { type AppLink, appLink } from './domain/app-link.ts';
import type { ClickBody, VisitBody } from './domain/beacon.ts';
import type { ClickFacts } from './domain/click.ts';
import { messengerLink } from './domain/link.ts';
import type { Found, Refusal } from './domain/placement.ts';
import { findPlacement, findVanity, findWorkspace, memberOf, refuseOrigin } from './domain/placement.ts';
import { plainLink } from './domain/plain-link.ts';
import type { SendbackBody } from './domain/sendback.ts';
import { refuseSendback, SENDING_NOT_SET_UP, sendbackRefusal } from './domain/sendback-refusal.ts';
import type { SourceFacts } from './domain/source.ts';
import { startedVisit } from './domain/started-visit.ts';
import type { RequestFacts } from './domain/visitor.ts';
import { readVisitor } from './domain/visitor.ts';
import type { IngestMetrics } from './metrics.ts';
import type {
  AccountHealth,
  Addresses,
  Clock,
  Codec,
  HeaderReader,
  Outbox,
  RandomBytes,
  RecentClicks,
  VisitMemory,
  Workspaces,
  WriteFirst,
} from './ports.ts';

export interface PipelinePorts {
  readonly workspaces: Workspaces;
  readonly headers: HeaderReader;
  readonly addresses: Addresses;
  readonly recent: RecentClicks;
  readonly visits: VisitMemory;
  readonly health: AccountHealth;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly metrics: IngestMetrics;
  /** Absent where nobody sends: then nobody is written to first. */
  readonly writeFirst?: WriteFirst | undefined;
}

/** What came of a request; a refusal is an answer. Rejects only when the records could be made durable nowhere. */
export type Answer<T> = { readonly kind: 'ok'; readonly value: T } | Refusal;

export interface Pipeline {
  /** GET /t: the click is durable before the person is sent on with its code; where it can be kept nowhere the person is sent on without one. */
  redirect(workspace: string, placement: string, request: RequestFacts): Promise<Answer<Redirect>>;
  /** GET /go: the redirect of the placement that has this short name. */
  vanity(shortName: string, request: RequestFacts): Promise<Answer<Redirect>>;
  /** POST /v1/clicks: all of the clicks or none; the value is their event ids. */
  clicks(bodies: readonly ClickBody[], request: RequestFacts): Promise<Answer<AcceptedClicks>>;
  /** POST /v1/sendback: the click is durable, and the person is written to, or a refusal says why not. */
  sendback(body: SendbackBody, request: RequestFacts): Promise<Answer<Sendback>>;
  /** POST /v1/visits: the value is the record's event id. */
  visit(body: VisitBody, request: RequestFacts): Promise<Answer<Accepted>>;
}

export interface Accepted {
  /** Event ids in the order of the request; the same for the same click or visit however often it is sent. */
  readonly accepted: readonly string[];
}

export interface AcceptedClicks extends Accepted {
  /** The link of each click that carries its code by every carrier of the placement: for pages and servers that do not make links of their own. */
  readonly links: readonly string[];
}

export interface Sendback {
  readonly eventId: string;
  readonly state: 'sent' | 'queued' | 'unconfirmed';
}

/** Where a person is sent. */
export interface Redirect {
  readonly link: string;
  /** Set where the browser would keep a redirect to itself: the person needs a link to tap. */
  readonly app: AppLink | undefined;
  /** Of the person, for the words beside that link. */
  readonly languages: readonly string[];
  /** False: the click could be kept nowhere, and the link carries no code. */
  readonly isRecorded: boolean;
}

/** The data path of ingest: find the placement, read the request, make the record, have it durable, answer. */
export function createPipeline(ports: PipelinePorts): Pipeline {
  const { codec, outbox, metrics, clock } = ports;
  const making = createClickMaker(ports);

  return {
    redirect: (workspaceName, placementName, request) =>
      sendOn(findPlacement(ports.workspaces.current(), workspaceName, placementName), request),

    vanity: (shortName, request) => sendOn(findVanity(ports.workspaces.current(), shortName), request),

    async clicks(bodies, request) {
      const found: Found[] = [];
      for (const body of bodies) {
        const one = findPlacement(ports.workspaces.current(), body.workspace, body.placement);
        if (one.kind !== 'ok') return one;
        const refused = refuseOrigin(one.placement.origins, request.origin);
        if (refused !== undefined) return refused;
        const led = body.account === undefined ? one : memberOf(one, body.account);
        if (led.kind !== 'ok') return led;
        found.push(led);
      }

      const reading = read(request);
      const asked = reading instanceof Promise ? await reading : reading;
      const looking = visitSources(bodies);
      const visits = looking instanceof Promise ? await looking : looking;
      const clicks = making.ofBodies(bodies, found, visits, asked);
      const records = clicks.map((click) => codec.click(click, asked.now, request.traceparent));
      await outbox.put(records);

      metrics.clicks.beacon[asked.visitor.bot === undefined ? 'person' : 'bot'].inc(records.length);
      for (const click of clicks) making.countJudgement(click);
      const links = clicks.map(({ code, greetingVariant }, index) => {
        const { account, placement } = found[index]!;
        return messengerLink(account, placement, code, greetingVariant ?? 0);
      });
      return { kind: 'ok', value: { accepted: records.map(({ eventId }) => eventId), links } };
    },

    async sendback(body, request) {
      const entry = findPlacement(ports.workspaces.current(), body.workspace, body.placement);
      if (entry.kind !== 'ok') return entry;
      const now = clock.now();
      // The code of a tap counts for the account it was made for.
      const found = body.account === undefined ? routed(entry, now, () => drawOf(body.click_id)) : memberOf(entry, body.account);
      if (found.kind !== 'ok') return found;
      const refused = refuseOrigin(found.placement.origins, request.origin) ?? refuseSendback(found, body);
      if (refused !== undefined) return refused;
      const { phone } = body;
      const { sendback } = found.placement;
      if (ports.writeFirst === undefined || phone === undefined || sendback === undefined) return SENDING_NOT_SET_UP;

      const asked = await read(request);
      const tap = { ...body, code: body.code ?? '' };
      const [registered] = making.ofBodies([tap], [found], await visitSources([tap]), asked);
      // With a code it is the click of a tap, whose beacon is still under way or lost: the same record again. Without it explains nobody else's message.
      const click: ClickFacts = body.code === undefined ? { ...registered!, carriers: [], origin: 'sendback' } : registered!;
      const record = codec.click(click, now, request.traceparent);
      await outbox.put([record]);
      metrics.clicks.sendback[asked.visitor.bot === undefined ? 'person' : 'bot'].inc();
      making.countJudgement(click);

      // The click and the number name the message: a form that is sent again asks for the same one, a corrected number for another.
      const key = sendbackKey(click.clickId, phone);
      const { workspace, account } = found;
      const answer = await ports.writeFirst.send({ workspace, account: account.name, recipient: phone, key, template: sendback, click });
      metrics.sendbacks.inc({ outcome: answer.kind === 'refused' ? answer.reason : answer.kind });
      if (answer.kind === 'refused') return sendbackRefusal(answer.reason, answer.retryAfterMs);
      return { kind: 'ok', value: { eventId: record.eventId, state: answer.kind } };
    },

    async visit(body, request) {
      const found = findWorkspace(ports.workspaces.current(), body.workspace);
      if (found.kind !== 'ok') return found;
      const { workspace } = found;
      const refused = refuseOrigin(
        [...workspace.placements.values()].flatMap(({ origins }) => origins),
        request.origin,
      );
      if (refused !== undefined) return refused;

      const { visitor, now } = await read(request);
      const visit = startedVisit(body, visitor, now);
      const record = codec.visit(visit, now, request.traceparent);
      await outbox.put([record]);
      // The log has it; the store only makes it quick to find.
      await ports.visits.keep(workspace.name, visit.visitId, record.value, now + workspace.matching.clickWindowMs);

      metrics.visits.inc();
      return { kind: 'ok', value: { accepted: [record.eventId] } };
    },
  };

  async function sendOn(entry: Found | Refusal, request: RequestFacts): Promise<Answer<Redirect>> {
    if (entry.kind !== 'ok') return entry;
    const reading = read(request);
    const asked = reading instanceof Promise ? await reading : reading;
    const { visitor, now } = asked;
    const found = routed(entry, now, () => Buffer.from(ports.random(4)).readUInt32BE() / 2 ** 32);
    const { account, placement } = found;
    const click = making.ofRedirect(found, asked);
    const { code, greetingVariant } = click;
    const record = codec.click(click, now, request.traceparent);
    let isRecorded = true;
    try {
      await outbox.put([record]);
    } catch (error) {
      // Neither log nor disk can take it. The person has tapped an ad that somebody paid for and wants to write: an error page costs the business the customer, the
      // missing click only the name of its source.
      if (!isKeptNowhere(error)) throw error;
      metrics.refused.inc({ route: 'redirect', reason: 'not_recorded' });
      isRecorded = false;
    }

    if (isRecorded) {
      metrics.clicks.redirect[visitor.bot === undefined ? 'person' : 'bot'].inc();
      making.countJudgement(click);
    }
    const link = isRecorded
      ? messengerLink(account, placement, code, greetingVariant)
      : plainLink(account, placement.greetings[greetingVariant ?? -1] ?? '');
    // Programs take the redirect: a preview of our page would say nothing of where it leads.
    const app = visitor.isInApp && visitor.bot === undefined ? appLink(link, visitor.device) : undefined;
    return { kind: 'ok', value: { link, app, languages: visitor.languages, isRecorded } };
  }

  /** The account of the pool this click goes to; its code counts for that account only. */
  function routed(found: Found, now: number, draw: () => number): Found {
    const { pool } = found.placement;
    if (pool.length === 1) return found;
    const member = memberOf(
      found,
      chooseAccount(pool, (account) => ports.health.isWell(found.workspace.name, account), now, draw()),
    );
    return member.kind === 'ok' ? member : found;
  }

  function read(request: RequestFacts): Asked | Promise<Asked> {
    const now = clock.now();
    const visitor = readVisitor(request, ports.headers, ports.addresses);
    return visitor instanceof Promise ? visitor.then((known) => ({ request, visitor: known, now })) : { request, visitor, now };
  }

  /** Where the visits of the clicks came from; most clicks name none, and then nobody is asked. */
  function visitSources(bodies: readonly ClickBody[]): readonly undefined[] | Promise<readonly (SourceFacts | undefined)[]> {
    if (bodies.every(({ visit_id: visitId }) => !visitId)) return [];
    return Promise.all(bodies.map(({ workspace, visit_id: visitId }) => (visitId ? ports.visits.sourceOf(workspace, visitId) : undefined)));
  }
}
