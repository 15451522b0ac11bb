import { type ClientUnaryCall, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  AttributionClient,
  type ExplainLeadResponse,
  type GetLeadResponse,
  type WaitForLeadResponse,
} from '@messtrack/proto/gen/messtrack/v1/attribution_service.ts';
import { Method } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { attributionService } from '../src/adapters/grpc-attribution.ts';
import { registerLeadRoutes } from '../src/adapters/http-leads.ts';
import { leadDirectory } from '../src/adapters/lead-directory.ts';
import { createLeadWaiters } from '../src/adapters/lead-waiters.ts';
import { createMatcherMetrics } from '../src/metrics.ts';
import type { TokenDirectory } from '../src/ports.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, log, message, SECOND, T0 } from './support/log-builder.ts';

const TOKENS: TokenDirectory = { workspaceOf: (token) => ({ 'acme-token': 'acme', 'other-token': 'other' })[token] };
const CONTACT = 'abcdefghijklmnopqrstuv';

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
});

/** The answering half of the matcher over a store that holds one lead. */
async function answering(maxWaiting = 10, isAway = false) {
  const folded = await foldLog(
    log(click({ id: 'c1', code: 'AAAA', at: T0 }), message({ id: 'm1', from: CONTACT, at: T0 + 9 * SECOND, codes: ['AAAA'] })),
  );
  const registry = new Registry();
  const metrics = createMatcherMetrics(registry, () => T0);
  // A store that is away keeps its readers waiting, however long.
  const joins = isAway ? { ...folded.joins, read: () => new Promise<never>(() => undefined) } : folded.joins;
  const directory = leadDirectory(joins, 50);
  const waiters = createLeadWaiters({ directory, maxWaiting, onWaiting: metrics.waiters });
  cleanup.push(async () => waiters.close());
  return { parts: { directory, tokens: TOKENS, waiters, metrics, log: pino({ level: 'silent' }) }, registry, lead: folded.leads[0]! };
}

async function overGrpc(isAway = false) {
  const { parts, registry, lead } = await answering(1, isAway);
  const server = await startGrpc({ host: '127.0.0.1', port: 0, services: [attributionService(parts)], log: parts.log });
  cleanup.push(async () => server.close?.());
  const client = new AttributionClient(`127.0.0.1:${server.value.port}`, credentials.createInsecure());
  cleanup.push(async () => client.close());
  return { client, registry, lead };
}

function as(token: string): Metadata {
  const metadata = new Metadata();
  if (token !== '') metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

type Callback<R> = (error: ServiceError | null, response: R) => void;

function answerTo<R>(call: (callback: Callback<R>) => ClientUnaryCall): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

describe('Attribution over a channel', () => {
  it('gives a lead by its id, and explains it', async () => {
    const { client, lead } = await overGrpc();
    const request = { workspace: 'acme', leadId: lead.leadId };
    const found = await answerTo<GetLeadResponse>((callback) => client.getLead(request, as('acme-token'), callback));
    expect(found.lead).toMatchObject({ leadId: lead.leadId, method: Method.METHOD_EXACT_ID, clickId: 'c1', contact: CONTACT });
    const explained = await answerTo<ExplainLeadResponse>((callback) => client.explainLead(request, as('acme-token'), callback));
    expect(explained.sentences.join(' ')).toContain('AAAA');
  });

  it('gives the lead of a contact at once, and says when the wait was in vain', async () => {
    const { client, lead } = await overGrpc();
    const ask = (contact: string) => ({ workspace: 'acme', account: 'wa', contact, waitMs: 20 });
    const found = await answerTo<WaitForLeadResponse>((callback) => client.waitForLead(ask(CONTACT), as('acme-token'), callback));
    expect(found.lead?.leadId).toBe(lead.leadId);
    await expect(answerTo((callback) => client.waitForLead(ask('nobody'), as('acme-token'), callback))).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('gives the place of a caller whose deadline has passed to the next', async () => {
    const { client, registry } = await overGrpc();
    const wait = (waitMs: number, deadline: number) =>
      answerTo<WaitForLeadResponse>((callback) =>
        client.waitForLead({ workspace: 'acme', account: 'sales-wa', contact: 'nobody', waitMs }, as('acme-token'), { deadline }, callback),
      );
    const hurried = wait(30_000, Date.now() + 300);
    await expect.poll(() => waitersOf(registry)).toBe(1);
    await expect(hurried).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await expect.poll(() => waitersOf(registry)).toBe(0);
    await expect(wait(10, Date.now() + 20_000)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      details: expect.stringContaining('(yet)'),
    });
  });

  it('says UNAVAILABLE while the store of leads is away', async () => {
    const { client, lead } = await overGrpc(true);
    const request = { workspace: 'acme', leadId: lead.leadId };
    await expect(answerTo<GetLeadResponse>((callback) => client.getLead(request, as('acme-token'), callback))).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
    const question = { workspace: 'acme', account: 'sales-wa', contact: CONTACT, waitMs: 5_000 };
    await expect(
      answerTo<WaitForLeadResponse>((callback) => client.waitForLead(question, as('acme-token'), callback)),
    ).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
  });

  it('refuses no token, a wrong one, that of another workspace, a lead that is not there and a question that is none', async () => {
    const { client, registry, lead } = await overGrpc();
    const get = (token: string, leadId: string) =>
      answerTo((callback) => client.getLead({ workspace: 'acme', leadId }, as(token), callback));
    await expect(get('', lead.leadId)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(get('wrong', lead.leadId)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(get('other-token', lead.leadId)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    await expect(get('acme-token', 'nolead')).rejects.toMatchObject({ code: status.NOT_FOUND });
    const question = { workspace: 'acme', account: '', contact: '', waitMs: 1_000_000 };
    await expect(answerTo((callback) => client.waitForLead(question, as('acme-token'), callback))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    const asked = await registry.getSingleMetric('messtrack_matcher_queries_total')!.get();
    expect(Object.fromEntries(asked.values.map(({ labels, value }) => [labels['answer'], value]))).toEqual({
      unauthorized: 3,
      not_found: 1,
      bad_request: 1,
    });
  });
});

describe('GET /v1/leads', () => {
  it('answers 429 with Retry-After to one caller too many, and 404 to the one who waited', async () => {
    const { parts, registry } = await answering(1);
    const app = fastify({ logger: false });
    cleanup.push(() => app.close());
    await registerLeadRoutes(app, parts);
    const headers = { authorization: 'Bearer acme-token' };
    const waiting = app.inject({ url: '/v1/leads?account=wa&contact=nobody&wait=30s', headers });
    while ((await gauge(registry, 'messtrack_matcher_waiters')) === 0) await new Promise(setImmediate);
    const refused = await app.inject({ url: '/v1/leads?account=wa&contact=somebody&wait=30s', headers });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    // Whoever need not wait is served all the same.
    expect((await app.inject({ url: `/v1/leads?account=wa&contact=${CONTACT}`, headers })).statusCode).toBe(200);
    parts.waiters.close();
    expect((await waiting).statusCode).toBe(404);
    expect(await gauge(registry, 'messtrack_matcher_waiters')).toBe(0);
  });

  it('gives the place of a caller who has hung up to the next', async () => {
    const { parts, registry } = await answering(1);
    const app = fastify();
    await registerLeadRoutes(app, parts);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    cleanup.push(() => app.close());
    const headers = { authorization: 'Bearer acme-token' };
    const impatient = new AbortController();
    const hungUp = fetch(`${address}/v1/leads?account=sales-wa&contact=nobody&wait=30s`, { headers, signal: impatient.signal });
    await expect.poll(() => waitersOf(registry)).toBe(1);
    impatient.abort();
    await expect(hungUp).rejects.toThrow();
    await expect.poll(() => waitersOf(registry)).toBe(0);
    const next = await fetch(`${address}/v1/leads?account=sales-wa&contact=nobody&wait=10ms`, { headers });
    expect(next.status).toBe(404);
  });

  it('lets nobody who waits hold back a stop', async () => {
    const { parts, registry } = await answering();
    const app = fastify();
    await registerLeadRoutes(app, parts);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const waiting = fetch(`${address}/v1/leads?account=sales-wa&contact=nobody&wait=30s`, {
      headers: { authorization: 'Bearer acme-token' },
    });
    await expect.poll(() => waitersOf(registry)).toBe(1);
    const closing = app.close();
    expect((await waiting).status).toBe(404);
    await closing;
  });

  it('answers 503 with Retry-After while the store of leads is away', async () => {
    const { parts, lead } = await answering(10, true);
    const app = fastify();
    await registerLeadRoutes(app, parts);
    cleanup.push(() => app.close());
    for (const path of [
      `/${lead.leadId}`,
      `/${lead.leadId}/explain`,
      '?account=sales-wa&contact=x',
      '?account=sales-wa&contact=x&wait=5s',
    ]) {
      const answer = await app.inject({ url: `/v1/leads${path}`, headers: { authorization: 'Bearer acme-token' } });
      expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([
        503,
        '5',
        { message: 'leads cannot be looked up now; ask again in a few seconds' },
      ]);
    }
  });
});

function waitersOf(registry: Registry): Promise<number> {
  return gauge(registry, 'messtrack_matcher_waiters');
}

async function gauge(registry: Registry, name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)!.get();
  return metric.values[0]?.value ?? 0;
}
