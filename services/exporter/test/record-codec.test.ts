import { Delivery } from '@messtrack/proto/gen/messtrack/v1/delivery.ts';
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { Candidate, Evidence, Lead, LogPosition, Method, SourceShare } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { Place, Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { CalibrationBin, CodeLoss, ModelQuality, ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import {
  AccountCheck,
  AutomaticEvent,
  BotVerdict,
  Click,
  CodeCandidate,
  ContactRef,
  ContactState,
  EntryPoint,
  Message,
  MessageStatus,
  Referral,
  ReferredProduct,
  SendOrigin,
  Sent,
  Touchpoint,
} from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { PageView, Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import { describe, expect, it } from 'vitest';
import { recordToRow } from '../src/adapters/record-codec.ts';

/** Nested messages by the field that holds them; a new one fails the test until it is named here. */
const NESTED: Readonly<Record<string, () => object>> = {
  source: () => Source.create(),
  firstTouch: () => Source.create(),
  lastTouch: () => Source.create(),
  place: () => Place.create(),
  phonePlace: () => Place.create(),
  bot: () => BotVerdict.create(),
  contact: () => ContactRef.create(),
  referral: () => Referral.create(),
  logPosition: () => LogPosition.create(),
  origin: () => SendOrigin.create(),
  namedSource: () => Source.create(),
  entryPoint: () => EntryPoint.create(),
  codeWordSource: () => Source.create(),
  referredProduct: () => ReferredProduct.create(),
};
const LISTS: Readonly<Record<string, () => unknown>> = {
  carriers: () => 1,
  languages: () => 'en',
  keys: () => 'key',
  codes: () => CodeCandidate.create(),
  candidates: () => Candidate.create(),
  sourceShares: () => SourceShare.create(),
  evidence: () => Evidence.create(),
  pages: () => PageView.create(),
  botSigns: () => 'headless',
  calibration: () => CalibrationBin.create(),
  codeLoss: () => CodeLoss.create(),
};
const OPTIONAL_NUMBERS = new Set(['greetingVariant', 'botScore', 'delaySeconds']);
/** Their default is the same as none. */
const OPTIONAL_VALUES: Readonly<Record<string, number | string>> = { sourceKind: 1, sourceName: 'changed', kind: 1 };
const OPTIONAL_FLAGS = new Set(['canReply']);
/** Texts with a form of their own, by the field that holds them. */
const FORMED: Readonly<Record<string, string>> = { 'ModelQuality.day': '2026-11-25' };

/** Fields that make no difference in any column, on purpose. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'Lead.candidates.source': 'click_id of the candidate leads to its source in clicks',
  'Visit.lastTouch.utmContent': 'what the visit that began with it has as its own source',
  'Visit.lastTouch.utmTerm': 'as utm_content',
  'Visit.lastTouch.adId': 'ads inside messengers lead to no page',
  'Visit.lastTouch.placement': 'a page is no placement',
  'Message.namedSource.referrerHost': 'a placement configures its name and utm_* alone',
  'Message.namedSource.adId': 'as referrerHost',
  'Message.namedSource.clickIds': 'as referrerHost',
  'Message.codeWordSource.referrerHost': 'as of namedSource',
  'Message.codeWordSource.adId': 'as of namedSource',
  'Message.codeWordSource.clickIds': 'as of namedSource',
  'ContactState.contact.phone': 'a change is about what a person allows, not about their number',
  'ContactState.contact.name': 'as the phone number',
  'MessageStatus.contact.phone': 'a status is about a message; its writer leaves the phone number out',
  'MessageStatus.contact.name': 'as the phone number',
  'AutomaticEvent.contact.phone': 'the person is known by pseudonyms; its writer leaves the phone number out',
  'AutomaticEvent.contact.name': 'as the phone number',
  'Sent.origin.source.kind': 'stands with the click that made us write, in clicks',
  'Sent.contact.phone': 'the recipient is known by pseudonyms; its writer leaves the phone number out',
  'Sent.contact.name': 'as the phone number',
  'Visit.source.kind': 'stands beside the source, in source_kind',
  'Visit.firstTouch.kind': 'first touches are not classified: the visit that began with it was',
  'Visit.lastTouch.kind': 'as of firstTouch',
  'Click.source.kind': 'stands beside the source, in source_kind',
  'Message.namedSource.kind': 'what a placement configures is not classified',
  'Message.codeWordSource.kind': 'as of namedSource',
  'Lead.sourceShares.source.clickIds': 'a share is a sum over clicks; identifiers of single clicks are in clicks',
};

interface Change {
  readonly path: string;
  /** The same shape without the change: a list item or a nested message alone may make a difference already. */
  readonly before: object;
  readonly after: object;
}

/** Every way to change one leaf field of a message, by path. */
function* changes(path: string, value: object): Generator<Change> {
  for (const [field, current] of Object.entries(value)) {
    const at = `${path}.${field}`;
    const withField = (changed: unknown) => ({ ...value, [field]: changed });
    if (typeof current === 'string') yield { path: at, before: value, after: withField(FORMED[at] ?? `${current}changed`) };
    else if (typeof current === 'number') yield { path: at, before: value, after: withField(current + 1) };
    else if (typeof current === 'boolean') yield { path: at, before: value, after: withField(!current) };
    else if (Array.isArray(current)) {
      const item = (LISTS[field] ?? unknownField(at))();
      if (typeof item === 'object' && item !== null) {
        for (const inner of changes(at, item))
          yield { path: inner.path, before: withField([inner.before]), after: withField([inner.after]) };
      } else yield { path: at, before: value, after: withField([item]) };
    } else if (current === undefined && OPTIONAL_NUMBERS.has(field)) yield { path: at, before: value, after: withField(0) };
    else if (current === undefined && field in OPTIONAL_VALUES) yield { path: at, before: value, after: withField(OPTIONAL_VALUES[field]) };
    else if (current === undefined && OPTIONAL_FLAGS.has(field)) yield { path: at, before: value, after: withField(true) };
    else if (current === undefined) {
      for (const inner of changes(at, (NESTED[field] ?? unknownField(at))())) {
        yield { path: inner.path, before: withField(inner.before), after: withField(inner.after) };
      }
    } else yield { path: at, before: value, after: withField({ gclid: 'changed' }) };
  }
}

function unknownField(path: string): never {
  throw new Error(`${path}: name it in NESTED or LISTS`);
}

function row(topic: string, bytes: Uint8Array): Record<string, unknown> {
  const outcome = recordToRow(topic, bytes);
  if (outcome.kind !== 'ok') throw new Error(`no row: ${JSON.stringify(outcome)}`);
  return JSON.parse(Buffer.from(outcome.value.json).toString());
}

const TOUCH = { eventId: 'e', workspace: 'w', account: 'a', eventTimeMs: 5, observedAtMs: 6 };
const CASES: Readonly<Record<string, { topic: string; base: object; encode: (value: never) => Uint8Array }>> = {
  Visit: {
    topic: 'visits.v1',
    base: Visit.create({ workspace: 'w', visitId: 'v' }),
    encode: (value: Visit) => Visit.encode(value).finish(),
  },
  Lead: {
    topic: 'leads.v1',
    base: Lead.create({ workspace: 'w', leadId: 'l', revision: 1 }),
    encode: (value: Lead) => Lead.encode(value).finish(),
  },
  Goal: {
    topic: 'goals.v1',
    base: Goal.create({ workspace: 'w', leadId: 'l', eventId: 'e' }),
    encode: (value: Goal) => Goal.encode(value).finish(),
  },
  Delivery: {
    topic: 'deliveries.v1',
    base: Delivery.create({ workspace: 'w', leadId: 'l', deliveryId: 'd', attempt: 1 }),
    encode: (value: Delivery) => Delivery.encode(value).finish(),
  },
  ModelQuality: {
    topic: 'model.v1',
    base: ModelQuality.create({ workspace: 'w', account: 'a', day: '2026-11-24' }),
    encode: (value: ModelQuality) => ModelRecord.encode(ModelRecord.create({ kind: { $case: 'quality', value } })).finish(),
  },
  Click: {
    topic: 'touchpoints.v1',
    base: Click.create({ clickId: 'c' }),
    encode: (value: Click) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'click', value } })).finish(),
  },
  Message: {
    topic: 'touchpoints.v1',
    base: Message.create({ messageId: 'm' }),
    encode: (value: Message) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'message', value } })).finish(),
  },
  MessageStatus: {
    topic: 'touchpoints.v1',
    base: MessageStatus.create({ messageId: 'm' }),
    encode: (value: MessageStatus) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'messageStatus', value } })).finish(),
  },
  ContactState: {
    topic: 'touchpoints.v1',
    base: ContactState.create({}),
    encode: (value: ContactState) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'contactState', value } })).finish(),
  },
  AutomaticEvent: {
    topic: 'touchpoints.v1',
    base: AutomaticEvent.create({ messageId: 'm', name: 'LeadSubmitted' }),
    encode: (value: AutomaticEvent) =>
      Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'automaticEvent', value } })).finish(),
  },
  AccountCheck: {
    topic: 'touchpoints.v1',
    base: AccountCheck.create({ check: 'token' }),
    encode: (value: AccountCheck) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'accountCheck', value } })).finish(),
  },
  Sent: {
    topic: 'touchpoints.v1',
    base: Sent.create({ messageId: 'm' }),
    encode: (value: Sent) => Touchpoint.encode(Touchpoint.create({ ...TOUCH, kind: { $case: 'sent', value } })).finish(),
  },
  Touchpoint: {
    topic: 'touchpoints.v1',
    base: { ...TOUCH },
    encode: (value: object) =>
      Touchpoint.encode(Touchpoint.create({ ...value, kind: { $case: 'click', value: Click.create({ clickId: 'c' }) } })).finish(),
  },
};

describe('every field of the contracts', () => {
  it.each(Object.keys(CASES))('of %s lands in a column, or is left out with a reason', (name) => {
    const { topic, base, encode } = CASES[name] ?? expect.unreachable();
    const columns = (value: object) => JSON.stringify(row(topic, encode(value as never)));
    const without = [...changes(name, base)].filter(({ before, after }) => columns(before) === columns(after)).map(({ path }) => path);
    const expected = Object.keys(LEFT_OUT).filter((prefix) => prefix.startsWith(`${name}.`));
    expect(without.filter((path) => !expected.some((prefix) => path === prefix || path.startsWith(`${prefix}.`)))).toEqual([]);
    for (const prefix of expected)
      expect(
        without.some((path) => path.startsWith(prefix)),
        `${prefix} is listed and lands`,
      ).toBe(true);
  });

  it('reads enums as lower-case words', () => {
    const lead = (method: number) =>
      row('leads.v1', Lead.encode(Lead.create({ workspace: 'w', leadId: 'l', revision: 1, method: method as Method })).finish())['method'];
    expect([Method.METHOD_UNSPECIFIED, Method.METHOD_EXACT_ID, Method.METHOD_UNRESOLVED, 77].map(lead)).toEqual([
      '',
      'exact_id',
      'unresolved',
      'unknown_77',
    ]);
  });
});

function quality(part: Partial<ModelQuality>): Uint8Array {
  const value = ModelQuality.create({ workspace: 'w', account: 'a', day: '2026-11-24', ...part });
  return ModelRecord.encode(ModelRecord.create({ eventId: 'q', kind: { $case: 'quality', value } })).finish();
}

describe('records without a row', () => {
  it('are dropped when they steer the matcher', () => {
    const tick = Touchpoint.encode(Touchpoint.create({ eventId: 'tick', kind: { $case: 'tick', value: { atMs: 1 } } })).finish();
    expect(recordToRow('touchpoints.v1', tick)).toEqual({ kind: 'drop', reason: 'unknown_event' });
    const later = Touchpoint.encode(Touchpoint.create({ eventId: 'of a later version' })).finish();
    expect(recordToRow('touchpoints.v1', later)).toEqual({ kind: 'drop', reason: 'unknown_event' });
    expect(recordToRow('leads.v1', new Uint8Array())).toEqual({ kind: 'drop', reason: 'empty' });
    const statistics = ModelRecord.fromPartial({ eventId: 'statistics/3/9', kind: { $case: 'statistics', value: { partition: 3 } } });
    const model = ModelRecord.fromPartial({ eventId: 'model/7', kind: { $case: 'model', value: { version: 7 } } });
    for (const record of [statistics, model, ModelRecord.fromPartial({ eventId: 'of a later version' })]) {
      expect(recordToRow('model.v1', ModelRecord.encode(record).finish())).toEqual({ kind: 'drop', reason: 'unknown_event' });
    }
  });

  it.each([
    ['undecodable', 'leads.v1', new TextEncoder().encode('{"json": true}')],
    ['undecodable', 'touchpoints.v1', Uint8Array.of(0x98, 0x3f, 0x01)],
    ['missing_field', 'leads.v1', Lead.encode(Lead.create({ workspace: 'w', leadId: 'l' })).finish()],
    ['missing_field', 'visits.v1', Visit.encode(Visit.create({ visitId: 'v' })).finish()],
    [
      'timestamp_out_of_range',
      'goals.v1',
      Goal.encode(Goal.create({ workspace: 'w', leadId: 'l', eventId: 'e', eventTimeMs: 1_732_400_000_000_000 })).finish(),
    ],
    [
      'schema_mismatch',
      'leads.v1',
      Lead.encode(Lead.create({ workspace: 'w', leadId: 'l', revision: 1, probability: Number.NaN })).finish(),
    ],
    ['undecodable', 'model.v1', Uint8Array.of(0x98, 0x3f, 0x01)],
    ['missing_field', 'model.v1', quality({ account: '' })],
    ['timestamp_out_of_range', 'model.v1', quality({ day: '2026-02-30' })],
    ['timestamp_out_of_range', 'model.v1', quality({ day: 'today' })],
    ['schema_mismatch', 'model.v1', quality({ hiddenLogLossSum: Number.POSITIVE_INFINITY })],
  ])('are dead letters: %s on %s', (reason, topic, bytes) => {
    expect(recordToRow(topic, bytes)).toMatchObject({ kind: 'dead-letter', reason });
  });
});
