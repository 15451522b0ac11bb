import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packing } from '../src/adapters/packing.ts';
import type { Contact, FirstMessage } from '../src/domain/contact.ts';
import { NO_MESSAGE } from '../src/domain/contact.ts';
import { hashOf } from '../src/domain/hash-index.ts';
import type { Lead } from '../src/domain/lead.ts';
import { OpenContacts, WARM_CONTACTS } from '../src/domain/open-contacts.ts';
import { OpenLeads } from '../src/domain/open-leads.ts';
import { WarmRing } from '../src/domain/warm-ring.ts';
import { lead, source, text, time } from './support/arbitraries.ts';

const RUNS = { numRuns: 1_000 };

/** Off the grid of what is emitted, where a packed form that knew only its steps would change it. */
const offGrid = fc.constantFrom(1 / 3, 0.00005, -0.25, 1e300, Number.MIN_VALUE, -0);

const message: fc.Arbitrary<FirstMessage> = fc.record({ id: text, timeMs: time });
const contact: fc.Arbitrary<Contact> = fc
  .record({
    key: text,
    others: fc.uniqueArray(text, { maxLength: 3 }),
    leads: fc.array(
      fc
        .record({
          leadId: text,
          startedAtMs: time,
          lastMessageAtMs: time,
          firstMessages: fc.array(message, { maxLength: 3 }),
          identity: text,
          decides: fc.oneof(message, fc.nat(2)),
        })
        .map(({ decides, ...memo }) => ({
          ...memo,
          decidingMessage: typeof decides === 'number' ? (memo.firstMessages[decides] ?? NO_MESSAGE) : decides,
        })),
      { maxLength: 4 },
    ),
    sent: fc.option(fc.record({ atMs: time, click: fc.record({ clickId: text, clickedAtMs: time, source }) }), { nil: undefined }),
  })
  .map(({ key, others, leads, sent }) => {
    const known = { key, aliases: [key, ...others.filter((other) => other !== key)], leads };
    return sent === undefined ? known : { ...known, sent };
  });

describe('packed leads', () => {
  it('give back every field, as it was', () => {
    fc.assert(
      fc.property(lead, fc.nat(), (each, sequence) => {
        expect(packing.unpackLead(packing.packLead({ lead: each, sequence }))).toEqual({ lead: each, sequence });
      }),
      RUNS,
    );
  });

  it('keep probabilities and bits that are no multiple of a step', () => {
    fc.assert(
      fc.property(lead, offGrid, (each, value) => {
        const odd: Lead = {
          ...each,
          probability: value,
          pOther: value,
          evidence: [{ term: 'delay', winnerBits: value, runnerUpBits: value, words: '' }],
        };
        expect(packing.unpackLead(packing.packLead({ lead: odd, sequence: 1 })).lead).toEqual(odd);
      }),
      { numRuns: 50 },
    );
  });

  it('take the same bytes however their objects came to be', () => {
    fc.assert(
      fc.property(lead, (each) => {
        const packed = packing.packLead({ lead: each, sequence: 3 });
        expect(packing.packLead(packing.unpackLead(packed))).toBe(packed);
        expect(packing.packLead({ lead: structuredClone(each), sequence: 3 })).toBe(packed);
      }),
      RUNS,
    );
  });

  it('say so when they were cut', () => {
    fc.assert(
      fc.property(lead, fc.nat(), (each, at) => {
        const packed = packing.packLead({ lead: each, sequence: 3 });
        expect(() => packing.unpackLead(packed.slice(0, at % packed.length))).toThrow(RangeError);
      }),
      { numRuns: 300 },
    );
  });
});

describe('packed contacts', () => {
  it('give back every field, as it was', () => {
    fc.assert(
      fc.property(contact, fc.boolean(), (each, isDirty) => {
        expect(packing.unpackContact(packing.packContact({ contact: each, isDirty }))).toEqual({ contact: each, isDirty });
      }),
      RUNS,
    );
  });
});

describe('open contacts', () => {
  const person = (key: string, ...others: readonly string[]): Contact => ({ key, aliases: [key, ...others], leads: [] });

  it('are found under every key of theirs, packed or not, and gone under all of them', () => {
    const contacts = new OpenContacts(packing, new WarmRing(WARM_CONTACTS));
    const count = 5_000;
    for (let index = 0; index < count; index += 1) {
      contacts.put({ contact: person(`c${index}`, `alias${index}`), isDirty: index % 2 === 0 });
    }
    for (let index = 0; index < count; index += 1) {
      expect(contacts.open(`c${index}`)).toMatchObject({ contact: person(`c${index}`, `alias${index}`), isDirty: index % 2 === 0 });
      expect(contacts.get(`alias${index}`)?.key).toBe(`c${index}`);
    }
    for (let index = 0; index < count; index += 1) contacts.delete(person(`c${index}`, `alias${index}`));
    expect(contacts.size).toBe(0);
    for (let index = 0; index < count; index += 1) {
      expect(contacts.get(`c${index}`)).toBeUndefined();
      expect(contacts.get(`alias${index}`)).toBeUndefined();
    }
  });

  it('become one when one takes the keys of another, and an older version never comes back', () => {
    const contacts = new OpenContacts(packing, new WarmRing(WARM_CONTACTS));
    contacts.put({ contact: person('a', 'a2'), isDirty: true });
    contacts.put({ contact: person('b'), isDirty: false });
    contacts.put({ contact: person('b', 'a', 'a2'), isDirty: false });
    // Enough others that every version of the first ones has left the ring.
    for (let index = 0; index < 3_000; index += 1) contacts.put({ contact: person(`other${index}`), isDirty: false });
    for (const key of ['a', 'a2', 'b']) expect(contacts.open(key)).toMatchObject({ contact: person('b', 'a', 'a2'), isDirty: false });
    expect(contacts.size).toBe(3_001);
  });

  it('are found like in a Map, whoever comes, goes and becomes one, also where hashes of keys are the same', () => {
    // Two pairs of keys with one hash each.
    const names = ['phone:12022637601', 'phone:12025925688', 'phone:12022637600', 'phone:12025925689', 'a', 'b', 'é', '💥'];
    expect(new Set(names.map((name) => hashOf(name))).size).toBe(names.length - 2);
    const step = fc.record({ keys: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }), isGone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, ring) => {
        const contacts = new OpenContacts(packing, new WarmRing(ring));
        const expected = new Map<string, Contact>();
        for (const { keys, isGone } of steps) {
          // As the fold does: all contacts under the keys of a message are one from then on.
          const known = [...new Set(keys.flatMap((key) => expected.get(key) ?? []))];
          const held = known.flatMap(({ aliases }) => aliases);
          for (const key of held) expected.delete(key);
          if (isGone) for (const each of known) contacts.delete(each);
          else {
            const merged = person(
              known[0]?.key ?? keys[0]!,
              ...new Set([...held, ...keys].filter((key) => key !== (known[0]?.key ?? keys[0]))),
            );
            contacts.put({ contact: merged, isDirty: true });
            for (const key of merged.aliases) expected.set(key, merged);
          }
          for (const name of names) expect(contacts.get(name)).toEqual(expected.get(name));
          expect(contacts.size).toBe(new Set(expected.values()).size);
        }
        const restored = new OpenContacts(packing, new WarmRing(ring));
        for (const packed of contacts.packed()) restored.restore(packed);
        for (const name of names) expect(restored.get(name)).toEqual(expected.get(name));
        expect([...restored.packed()]).toEqual([...contacts.packed()]);
      }),
      RUNS,
    );
  });

  it('are the same after a snapshot', () => {
    const contacts = new OpenContacts(packing, new WarmRing(WARM_CONTACTS));
    for (let index = 0; index < 2_000; index += 1) contacts.put({ contact: person(`c${index}`, `x${index}`), isDirty: index % 3 === 0 });
    const restored = new OpenContacts(packing, new WarmRing(WARM_CONTACTS));
    for (const packed of contacts.packed()) restored.restore(packed);
    expect([...restored.packed()]).toEqual([...contacts.packed()]);
    expect(restored.open('x7')).toMatchObject({ contact: person('c7', 'x7'), isDirty: false });
  });
});

describe('open leads', () => {
  const RING = 3;

  it('are found by what their appointment says, and by no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(lead, { minLength: 2, maxLength: 30, selector: ({ leadId }) => leadId }), (leads) => {
        const open = new OpenLeads(packing, new WarmRing(RING));
        for (const [sequence, each] of leads.entries()) open.put({ lead: each, sequence });
        for (const [sequence, { leadId }] of leads.entries()) if (sequence % 2 === 0) open.delete(leadId);
        // As many again, so that the numbers of those that went are used anew.
        for (const [sequence, each] of leads.entries()) if (sequence % 2 === 0) open.put({ lead: each, sequence: 100 + sequence });
        for (const [sequence, each] of leads.entries()) {
          const hash = hashOf(each.leadId);
          const own = sequence % 2 === 0 ? 100 + sequence : sequence;
          expect(open.appointed(hash, own)).toEqual({ lead: each, sequence: own });
          expect(open.appointed(hash, own + 1_000)).toBeUndefined();
          expect(open.has(`${each.leadId}x`)).toBe(leads.some(({ leadId }) => leadId === `${each.leadId}x`));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are what was put last, packed or not, in the order in which they were first open', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(lead, { minLength: 1, maxLength: 12, selector: ({ leadId }) => leadId }),
        fc.infiniteStream(fc.nat()),
        (leads, picks) => {
          const open = new OpenLeads(packing, new WarmRing(RING));
          const expected = new Map<string, { readonly lead: Lead; readonly sequence: number }>();
          for (let step = 0; step < 40; step += 1) {
            const [pick = 0, sequence = 0] = picks.take(2);
            const each = leads[pick % leads.length]!;
            if (sequence % 4 === 0) {
              open.delete(each.leadId);
              expected.delete(each.leadId);
            } else {
              open.put({ lead: each, sequence });
              expected.set(each.leadId, { lead: each, sequence });
            }
            expect(open.size).toBe(expected.size);
            const { leadId } = leads[sequence % leads.length]!;
            expect(open.get(leadId)).toEqual(expected.get(leadId));
          }
          const packed = [...open.packed()];
          expect(packed).toEqual([...expected.values()].map((each) => packing.packLead(each)));
          const restored = new OpenLeads(packing, new WarmRing(RING));
          for (const each of packed) {
            const { leadId, sequence } = packing.glanceLead(each);
            restored.restore(leadId, sequence, each);
          }
          for (const [leadId, each] of expected) expect(restored.get(leadId)).toEqual(each);
        },
      ),
      { numRuns: 60 },
    );
  });
});
