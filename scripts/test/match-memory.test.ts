import { codeKey, contactKeyOf, leadKey, useKey } from '@messtrack/matcher/domain/entries.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { EMPTY_SOURCE } from '@messtrack/matcher/domain/source.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { readClickLine } from '../match/click-line.ts';
import { createJoinMemory, type JoinMemory } from '../match/join-memory.ts';
import { createLeadQueue } from '../match/lead-queue.ts';
import { LineFields } from '../match/line-fields.ts';
import { readMessageLine } from '../match/message-line.ts';
import { createRecentLog, type Recent } from '../match/recent-log.ts';
import { NO_WORKSPACE } from '../match/setting.ts';
import { createDeriver } from '../match/touchpoints.ts';
import { click, DAY, HOUR, MINUTE, match, message, T0 } from './match-support/history.ts';

const CODE = codeKey('w', 'a', 'ABC');
const USE = useKey('w', 'a', 'ABC');
const CONTACT = contactKeyOf('w', 'a', 'ann');

function clickEntry(clickId: string) {
  return { kind: 'click' as const, click: { clickId, clickedAtMs: T0, source: { ...EMPTY_SOURCE, utmCampaign: 'spring' } } };
}

function contactEntry(lastMessageAtMs: number) {
  const first = { id: 'm1', timeMs: T0 };
  const memo = { leadId: 'l1', startedAtMs: T0, lastMessageAtMs, firstMessages: [first], identity: 'click/c1', decidingMessage: first };
  return { kind: 'contact' as const, contact: { key: 'ann', aliases: ['ann'], leads: [memo] } };
}

let lead: Lead;

beforeAll(async () => {
  lead = (await match([click('c1', 0)], [message('m1', MINUTE)])).raw[0]!;
});

function write(memory: JoinMemory, key: string, entry: Parameters<JoinMemory['wrote']>[0]['entry'], expiresAtMs: number): void {
  memory.wrote({ key, entry, offset: 0, expiresAtMs });
}

describe('the join store of a history', () => {
  it('gives back what was written, and null for the rest: the fold never has to ask', () => {
    const memory = createJoinMemory();
    write(memory, CODE, clickEntry('c1'), T0 + DAY);
    write(memory, USE, { kind: 'use', contact: 'ann', leadId: 'l1' }, T0 + DAY);
    write(memory, CONTACT, contactEntry(T0), T0 + DAY);
    write(memory, leadKey('w', lead.leadId), { kind: 'lead', lead }, T0 + DAY);
    expect(memory.get(CODE)).toEqual(clickEntry('c1'));
    expect(memory.get(USE)).toEqual({ kind: 'use', contact: 'ann', leadId: 'l1' });
    expect(memory.get(CONTACT)).toEqual(contactEntry(T0));
    expect(memory.get(leadKey('w', lead.leadId))).toEqual({ kind: 'lead', lead });
    expect(memory.lead(leadKey('w', lead.leadId))).toEqual(lead);
    expect(memory.get(codeKey('w', 'a', 'DEF'))).toBeNull();
  });

  it('keeps the first of codes and their use, the last of contacts and leads', () => {
    const memory = createJoinMemory();
    for (const id of ['c1', 'c2']) write(memory, CODE, clickEntry(id), T0 + DAY);
    for (const contact of ['ann', 'bob']) write(memory, USE, { kind: 'use', contact, leadId: 'l' }, T0 + DAY);
    for (const timeMs of [T0, T0 + HOUR]) write(memory, CONTACT, contactEntry(timeMs), T0 + DAY);
    expect(memory.get(CODE)).toEqual(clickEntry('c1'));
    expect(memory.get(USE)).toMatchObject({ contact: 'ann' });
    expect(memory.get(CONTACT)).toEqual(contactEntry(T0 + HOUR));
  });

  it('takes what the fold knows of an entry under the time it was written with', () => {
    const memory = createJoinMemory();
    write(memory, CONTACT, contactEntry(T0), T0 + DAY);
    memory.learn(CONTACT, contactEntry(T0 + HOUR));
    expect(memory.get(CONTACT)).toEqual(contactEntry(T0 + HOUR));
    memory.expire(T0 + 3 * DAY);
    expect(memory.get(CONTACT)).toBeNull();
  });

  it('lets go of everything in its time, and of what was written again in its new one', () => {
    const memory = createJoinMemory();
    write(memory, CODE, clickEntry('c1'), T0 + DAY);
    write(memory, CONTACT, contactEntry(T0), T0 + DAY);
    write(memory, CONTACT, contactEntry(T0), T0 + 5 * DAY);
    memory.expire(T0 + HOUR);
    expect(memory.size()).toBe(2);
    memory.expire(T0 + 3 * DAY);
    expect([memory.get(CODE), memory.get(CONTACT)]).toEqual([null, contactEntry(T0)]);
    memory.expire(T0 + 7 * DAY);
    expect(memory.size()).toBe(0);
  });

  it('gives thousands of contacts and leads back as they were written last, also where neighbours on a shelf have gone', () => {
    const memory = createJoinMemory();
    const contactOf = (index: number) => contactKeyOf('w', 'a', `person ${index}`);
    const leadOf = (index: number) => leadKey('w', `lead ${index}`);
    const written = 6_000;
    for (let index = 0; index < written; index += 1) {
      const expiresAtMs = T0 + (index % 2 === 0 ? 2 : 9) * DAY;
      write(memory, contactOf(index), contactEntry(T0 + index), expiresAtMs);
      write(memory, leadOf(index), { kind: 'lead', lead: { ...lead, leadId: `lead ${index}` } }, expiresAtMs);
      // While it is warm, and after it was put on a shelf.
      for (const back of [10, 4_000]) {
        if (index < back || index % 3 !== 0) continue;
        write(memory, contactOf(index - back), contactEntry(T0 + back * DAY), T0 + 9 * DAY);
        memory.learn(leadOf(index - back), { kind: 'lead', lead: { ...lead, leadId: `lead ${index - back}`, revision: back } });
      }
    }
    const isAgain = (index: number, back: number) => index + back < written && (index + back) % 3 === 0;
    const lastOf = (index: number) => [4_000, 10].find((back) => isAgain(index, back));
    memory.expire(T0 + 5 * DAY);
    for (let index = 0; index < written; index += 1) {
      const last = lastOf(index);
      const isContactThere = index % 2 === 1 || last !== undefined;
      expect(memory.get(contactOf(index))).toEqual(isContactThere ? contactEntry(T0 + (last === undefined ? index : last * DAY)) : null);
      const given = memory.lead(leadOf(index));
      expect(given).toEqual(index % 2 === 1 ? { ...lead, leadId: `lead ${index}`, revision: last ?? lead.revision } : undefined);
    }
  });

  it('lets go of what was past its time when it was written', () => {
    const memory = createJoinMemory();
    memory.expire(T0);
    write(memory, CODE, clickEntry('c1'), T0 - 100 * DAY);
    memory.expire(T0 + DAY);
    expect(memory.size()).toBe(0);
  });
});

describe('the log of the last days', () => {
  const deriver = createDeriver(NO_WORKSPACE);
  const nowhere = { place: { country: 'DE', region: 'BE' }, network: 'vpn' } as const;

  function clickAt(id: string, afterMs: number, account = 'a'): Recent {
    const line = readClickLine(new LineFields(click(id, afterMs, { account, code: 'abc', greeting: 3, source: { utm_source: 'ads' } })));
    return deriver.click(line, nowhere, { offset: 7, observedAtMs: T0 + afterMs });
  }

  it('gives back what it was given, by account and time', () => {
    const recent = createRecentLog(DAY);
    const line = readMessageLine(new LineFields(message('m1', MINUTE, { account: 'a', text: 'Hallo', greeting: null })));
    const said = deriver.message(line, { offset: 8, observedAtMs: T0 + MINUTE });
    const all = [clickAt('c1', 0), said, clickAt('c2', HOUR)];
    for (const touchpoint of [...all, clickAt('other', 0, 'b')]) recent.remember(touchpoint);
    expect(recent.happened('a', T0, T0 + HOUR, T0 + HOUR)).toEqual(all);
    expect(recent.happened('a', T0 + 1, T0 + HOUR - 1, T0 + HOUR)).toEqual([said]);
    expect(recent.happened('nobody', T0, T0 + HOUR, T0 + HOUR)).toEqual([]);
  });

  it('gives what arrived after the stretch in which it happened, and nothing that has not arrived yet', () => {
    const recent = createRecentLog(9 * DAY);
    const line = readMessageLine(new LineFields(message('m1', MINUTE, { account: 'a' })));
    const late = deriver.message(line, { offset: 8, observedAtMs: T0 + 5 * DAY });
    for (const touchpoint of [clickAt('c1', 0), clickAt('c2', DAY), late]) recent.remember(touchpoint);
    const idsOf = (found: readonly Recent[]) => found.map((each) => (each.kind === 'click' ? each.click.clickId : each.messageId));
    expect(idsOf(recent.happened('a', T0, T0 + HOUR, T0 + 5 * DAY))).toEqual(['c1', 'm1']);
    expect(idsOf(recent.happened('a', T0, T0 + HOUR, T0 + 5 * DAY - 1))).toEqual(['c1']);
    expect(idsOf(recent.happened('a', T0 + HOUR, T0 + 5 * DAY, T0 + 5 * DAY))).toEqual(['c2']);
  });

  it('lets go of what is past its time, and of the oldest where there is too much', () => {
    const recent = createRecentLog(DAY, 1_500);
    for (let index = 0; index < 3_000; index += 1) recent.remember(clickAt(`c${index}`, index * MINUTE));
    expect(recent.size()).toBe(DAY / MINUTE + 1);
    const kept = recent.happened('a', T0, T0 + 3_000 * MINUTE, T0 + 3_000 * MINUTE);
    expect(kept).toEqual(Array.from({ length: recent.size() }, (_, index) => clickAt(`c${index + 1_559}`, (index + 1_559) * MINUTE)));
    const small = createRecentLog(DAY, 10);
    for (let index = 0; index < 30; index += 1) small.remember(clickAt(`c${index}`, index * MINUTE));
    expect(small.happened('a', 0, T0 + DAY, T0 + DAY).map((each) => each.kind === 'click' && each.click.clickId)).toEqual(
      Array.from({ length: 10 }, (_, index) => `c${index + 20}`),
    );
  });
});

describe('leads on their way out', () => {
  function revise(memory: JoinMemory, id: string, revision: number, startedAtMs: number): Lead {
    const made = { ...lead, leadId: id, revision, startedAtMs };
    write(memory, leadKey(made.workspace, id), { kind: 'lead', lead: made }, startedAtMs + 120 * DAY);
    return made;
  }

  it('go when nothing can change them any more, each once, as they stand then and in the order they came', () => {
    const memory = createJoinMemory();
    const given: string[] = [];
    const queue = createLeadQueue(memory, ({ leadId, revision }) => given.push(`${leadId}.${revision}`));
    queue.revised(revise(memory, 'a', 1, T0));
    queue.revised(revise(memory, 'b', 1, T0 + 20 * DAY));
    queue.revised(revise(memory, 'c', 1, T0 + DAY));
    queue.settle(T0 + 30 * DAY);
    expect(given).toEqual([]);
    queue.revised(revise(memory, 'a', 2, T0));
    queue.settle(T0 + 40 * DAY);
    // The third is old enough and waits for its turn.
    expect(given).toEqual(['a.2']);
    queue.settle(T0 + 60 * DAY);
    expect(given).toEqual(['a.2', 'b.1', 'c.1']);
    queue.revised(revise(memory, 'd', 1, T0 + 60 * DAY));
    queue.close();
    expect(given).toEqual(['a.2', 'b.1', 'c.1', 'd.1']);
  });

  it('come whole out of a history of years, whose earlier entries have expired', async () => {
    const messages = Array.from({ length: 24 }, (_, month) => message(`m${month}`, month * 30 * DAY));
    const { leads } = await match([], messages);
    expect(leads.map(({ message }) => message)).toEqual(messages.map(({ id }) => id));
    expect(leads.every(({ state }) => state === 'final')).toBe(true);
  });
});
