import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { BusUnavailableError, type OutRecord } from '@messtrack/runtime/bus.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { registerGoalRoutes } from '../src/adapters/http-goals.ts';
import { leadDirectory } from '../src/adapters/lead-directory.ts';
import { checkGoal } from '../src/domain/reported-goal.ts';
import { createMatcherMetrics } from '../src/metrics.ts';
import type { TokenDirectory } from '../src/ports.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, log, message, SECOND, T0 } from './support/log-builder.ts';

const DAY = 86_400_000;
/** Longer than the window in which a person's messages belong to the lead before. */
const LATER = T0 + 120 * DAY;
const NOW = LATER + DAY;
const CONTACT = 'abcdefghijklmnopqrstuv';
const TOKENS: TokenDirectory = { workspaceOf: (token) => ({ 'acme-token': 'acme', 'other-token': 'other' })[token] };

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
});

/** A person who wrote after a click, and again long after. */
async function taking({ isLogAway = false, isStoreAway = false } = {}) {
  const folded = await foldLog(
    log(
      click({ id: 'c1', code: 'AAAA', at: T0 }),
      message({ id: 'm1', from: CONTACT, at: T0 + 9 * SECOND, codes: ['AAAA'] }),
      message({ id: 'm2', from: CONTACT, at: LATER }),
    ),
  );
  const [first, second] = [
    folded.leads.find((lead) => lead.firstMessageId === 'm1')!,
    folded.leads.find((lead) => lead.firstMessageId === 'm2')!,
  ];
  const joins = isStoreAway ? { ...folded.joins, read: () => new Promise<never>(() => undefined) } : folded.joins;
  const sent: OutRecord[] = [];
  const registry = new Registry();
  const app = fastify();
  cleanup.push(() => app.close());
  await registerGoalRoutes(app, {
    directory: leadDirectory(joins, 50),
    tokens: TOKENS,
    producer: {
      send: async (records) => {
        if (isLogAway) throw new BusUnavailableError('away');
        sent.push(...records);
        return [];
      },
    },
    metrics: createMatcherMetrics(registry, () => NOW),
    clock: () => NOW,
    log: pino({ level: 'silent' }),
  });
  const post = async (body: unknown, token = 'acme-token', type = 'application/json') => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/goals',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      payload,
    });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
  return { post, sent, registry, first, second, goals: () => sent.map(({ value }) => Goal.decode(value)) };
}

describe('POST /v1/goals', () => {
  it('writes the goal of a lead under the reporter’s id, with its value in minor units, before it answers', async () => {
    const { post, sent, goals, first } = await taking();
    const paid = {
      lead_id: first.leadId.toUpperCase(),
      id: 'order-4711',
      name: ' paid ',
      time: '2026-03-02T12:00:00+02:00',
      value: '129.90',
      currency: 'eur',
    };
    expect(await post(paid)).toMatchObject({ status: 202, body: { accepted: ['api/order-4711'], lead_id: first.leadId } });
    expect(goals()).toEqual([
      {
        eventId: 'api/order-4711',
        workspace: 'acme',
        leadId: first.leadId,
        name: 'paid',
        eventTimeMs: Date.UTC(2026, 2, 2, 10),
        valueMinor: 12_990,
        currency: 'EUR',
      },
    ]);
    expect(sent[0]).toMatchObject({
      topic: 'goals.v1',
      key: first.leadId,
      headers: { 'event-id': 'api/order-4711', type: 'Goal', 'produced-at': String(NOW) },
    });
  });

  it('finds the lead of a person, and of the time at which it happened', async () => {
    const { post, goals, first, second } = await taking();
    const person = { account: 'wa', contact: CONTACT, name: 'qualified' };
    expect(first.leadId).not.toBe(second.leadId);
    await post(person);
    await post({ ...person, time: new Date(T0 + DAY).toISOString() });
    // The clock of a shop may be behind that of the messenger.
    await post({ ...person, time: new Date(T0 - 60 * SECOND).toISOString() });
    expect(goals().map(({ leadId, eventTimeMs }) => [leadId, eventTimeMs])).toEqual([
      [second.leadId, NOW],
      [first.leadId, T0 + DAY],
      [first.leadId, T0 - 60 * SECOND],
    ]);
  });

  it('gives a goal without an id the one of lead, name and time: told again it is the same', async () => {
    const { post, goals, first } = await taking();
    const paid = { lead_id: first.leadId, name: 'paid', time: '2026-03-02T12:00:00Z' };
    await post(paid);
    await post({ ...paid, value: 5, currency: 'USD' });
    await post({ ...paid, time: '2026-03-02T12:00:01Z' });
    await post({ ...paid, name: 'ordered' });
    const ids = goals().map(({ eventId }) => eventId);
    expect(ids[0]).toMatch(/^goal\/[A-Za-z0-9_-]{22}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  it('takes nothing without the token of the lead’s workspace, whatever the body', async () => {
    const { post, sent, first } = await taking();
    expect((await post({ lead_id: first.leadId, name: 'paid' }, 'wrong')).status).toBe(401);
    expect(await post('{', 'wrong')).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(await post({ lead_id: first.leadId, name: 'paid' }, 'other-token')).toMatchObject({
      status: 404,
      body: { error: 'unknown_lead' },
    });
    expect(await post({ account: 'wa', contact: CONTACT, name: 'paid' }, 'other-token')).toMatchObject({ status: 404 });
    expect(sent).toEqual([]);
  });

  it('says what is wrong with a body it cannot take', async () => {
    const { post, sent, registry } = await taking();
    expect(await post('{"name":')).toMatchObject({ status: 400, body: { error: 'not_json' } });
    expect(await post('name=paid', 'acme-token', 'application/x-www-form-urlencoded')).toMatchObject({
      status: 415,
      body: { error: 'media_type' },
    });
    expect(await post({ name: 'x'.repeat(20_000) })).toMatchObject({ status: 413, body: { error: 'too_large' } });
    expect(await post({ name: 'paid', contact: 'somebody' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_body', problems: [{ field: 'lead_id', message: expect.stringContaining('account and contact') }] },
    });
    expect(sent).toEqual([]);
    const { values } = await registry.getSingleMetric('messtrack_matcher_goals_total')!.get();
    expect(Object.fromEntries(values.map(({ labels, value }) => [labels['outcome'], value]))).toEqual({
      not_json: 1,
      media_type: 1,
      too_large: 1,
      invalid_body: 1,
    });
  });

  it.each([{ isLogAway: true }, { isStoreAway: true }])('answers 503 with Retry-After when it can store nothing: %j', async (away) => {
    const { post, first } = await taking(away);
    expect(await post({ lead_id: first.leadId, name: 'paid' })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { error: 'unavailable' },
    });
  });
});

describe('a reported goal', () => {
  const lead = '0'.repeat(26);
  const problems = (body: unknown) => {
    const checked = checkGoal(body, NOW);
    return checked.kind === 'ok' ? [] : checked.problems.map(({ field }) => field);
  };

  it.each([
    [
      { lead_id: lead, name: 'paid', value: 0, currency: 'EUR' },
      { valueMinor: 0, currency: '' },
    ],
    [
      { lead_id: lead, name: 'returned', value: -12.5, currency: 'USD' },
      { valueMinor: -1_250, currency: 'USD' },
    ],
    [
      { lead_id: lead, name: 'paid', value: 1_000, currency: 'JPY' },
      { valueMinor: 1_000, currency: 'JPY' },
    ],
    [
      { account: 'wa', contact: '+1 415 555-0100', name: 'оплачено' },
      { valueMinor: 0, currency: '' },
    ],
  ])('is taken: %j', (body, money) => {
    expect(checkGoal(body, NOW)).toMatchObject({ kind: 'ok', goal: money });
  });

  it.each(['five', '1,5', 'NaN', true, null, 1e300])('is told what an amount looks like: %j', (value) => {
    expect(checkGoal({ lead_id: lead, name: 'paid', value, currency: 'EUR' }, NOW)).toEqual({
      kind: 'invalid',
      problems: [{ field: 'value', message: 'must be an amount in whole units, such as 129.9 or "129.90"' }],
    });
  });

  it.each<[unknown, readonly string[]]>([
    [null, ['body']],
    [[], ['body']],
    ['paid', ['body']],
    [{}, ['name', 'lead_id']],
    [{ lead_id: lead, account: 'wa', contact: 'x', name: 'paid' }, ['lead_id']],
    [{ lead_id: 'x', name: 'paid' }, ['lead_id']],
    [{ lead_id: lead, name: '' }, ['name']],
    [{ lead_id: lead, name: '   ' }, ['name']],
    [{ lead_id: lead, name: 'x'.repeat(65) }, ['name']],
    [{ lead_id: lead, name: 'a\nb' }, ['name']],
    [{ lead_id: lead, name: 'Meta.Purchase' }, ['name']],
    [{ lead_id: lead, name: 'paid', amount: 5 }, ['body']],
    [{ name: 'x\ny', value: 5, time: 'now' }, ['name', 'lead_id', 'currency', 'time']],
    [{ lead_id: lead, name: 'paid', value: 5 }, ['currency']],
    [{ lead_id: lead, name: 'paid', currency: 'EUR' }, ['value']],
    [{ lead_id: lead, name: 'paid', value: 'five', currency: 'EUB' }, ['value', 'currency']],
    [{ lead_id: lead, name: 'paid', value: 1e300, currency: 'EUR' }, ['value']],
    [{ lead_id: lead, name: 'paid', value: '1,5', currency: 'EUR' }, ['value']],
    [{ lead_id: lead, name: 'paid', time: '2026-03-02T12:00:00' }, ['time']],
    [{ lead_id: lead, name: 'paid', time: '2026-02-30T12:00:00Z' }, ['time']],
    [{ lead_id: lead, name: 'paid', time: 1_772_000_000_000 }, ['time']],
    [{ lead_id: lead, name: 'paid', time: '1999-03-02T12:00:00Z' }, ['time']],
    [{ lead_id: lead, name: 'paid', time: new Date(NOW + 2 * DAY).toISOString() }, ['time']],
    [{ lead_id: lead, name: 'paid', id: 'x'.repeat(101) }, ['id']],
  ])('is refused, with every field that is wrong: %j', (body, fields) => {
    expect(problems(body).toSorted()).toEqual(fields.toSorted());
  });
});
