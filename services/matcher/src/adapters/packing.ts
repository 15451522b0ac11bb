import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Carrier } from '../domain/carrier.ts';
import type { Contact, FirstMessage, LeadMemo, SentMemo } from '../domain/contact.ts';
import { NO_MESSAGE } from '../domain/contact.ts';
import type { Candidate, EvidenceTerm, Lead, LeadState, Method, ResolvedTo, SourceShare } from '../domain/lead.ts';
import type { LeadHead, OpenContact, OpenLead, Packing } from '../domain/packing.ts';
import { PackReader } from './pack-reader.ts';
import { placeOf, readSource, sourceAt, sourcesOf, writeSource } from './pack-source.ts';
import { at, placeIn } from './pack-values.ts';
import { PackWriter } from './pack-writer.ts';

/** Probabilities and bits of evidence are emitted in these steps (domain/lead.ts); others are kept too, as doubles. */
const PROBABILITY_STEPS = 10_000;
const BIT_STEPS = 100;

/** The place in a list is what is written: lists only ever grow at their end, or STATE_FORMAT is raised. */
const CHANNELS: readonly Lead['channel'][] = ['unknown', 'whatsapp', 'telegram', 'messenger', 'instagram', 'vk', 'max'];
const STATES: readonly LeadState[] = ['provisional', 'final', 'corrected'];
const RESOLVED_TO: readonly ResolvedTo[] = ['click', 'placement', 'campaign', 'source', 'none'];
const CARRIERS: readonly Carrier[] = ['none', 'visible', 'emoji', 'invisible', 'start_payload', 'word'];
const METHODS: readonly Method[] = [
  'hidden_id',
  'exact_id',
  'damaged_id',
  'dedicated_account',
  'returning_contact',
  'probabilistic',
  'unresolved',
  'none',
  'forward',
  'correction',
];

const writer = new PackWriter();
const reader = new PackReader();

/** Open leads and contacts as text. Half of the size of their wire form: a lead names its source up to three times, and here once. */
export const packing: Packing = {
  packLead(open) {
    writeLead(open);
    return writer.takeText();
  },
  unpackLead(packed) {
    reader.openText(packed);
    return readLead();
  },
  glanceLead(packed) {
    reader.openText(packed);
    return readLeadHead();
  },
  packContact(open) {
    writeContact(open);
    return writer.takeText();
  },
  unpackContact(packed) {
    reader.openText(packed);
    return readContact();
  },
  keysOf(packed) {
    reader.openText(packed);
    reader.flag();
    return readKeys();
  },
  shelve(texts) {
    writer.uint(texts.length);
    for (const text of texts) writer.packed(text);
    // In memory of its own: zlib answers with a piece of 16 KiB.
    return new Uint8Array(deflateRawSync(writer.takeFirst(writer.length), DEFLATE));
  },
  unshelve(shelf) {
    reader.open(inflateRawSync(shelf));
    return list(() => reader.packed());
  },
};

/** A shelf has about ten kilobytes: with a window of 8 KB and tables to match it comes out as small in two thirds of the time, most of which is clearing those. */
const DEFLATE = { level: 1, windowBits: 13, memLevel: 6 } as const;

function writeLead({ lead, sequence }: OpenLead): void {
  const sources = sourcesOf(lead);
  writer.uint(sequence);
  writer.text(lead.leadId);
  writer.int(lead.startedAtMs);
  writer.uint(lead.revision);
  writer.uint(placeIn(STATES, lead.state));
  writer.text(lead.workspace);
  writer.text(lead.account);
  writer.uint(placeIn(CHANNELS, lead.channel));
  writer.text(lead.contact);
  writer.text(lead.platformUserId);
  writer.text(lead.phone);
  writer.text(lead.firstMessageId);
  writer.uint(placeIn(METHODS, lead.method));
  writer.uint(placeIn(RESOLVED_TO, lead.resolvedTo));
  writer.text(lead.clickId);
  writer.int(lead.clickedAtMs);
  writer.uint(sources.length);
  for (const source of sources) writeSource(writer, source);
  writer.uint(placeOf(sources, lead.source));
  writer.stepped(lead.probability, PROBABILITY_STEPS);
  writer.stepped(lead.pNone, PROBABILITY_STEPS);
  writer.stepped(lead.pOther, PROBABILITY_STEPS);
  writer.uint(lead.candidates.length);
  for (const { clickId, probability, source, clickedAtMs } of lead.candidates) {
    const isOwn = clickId === lead.clickId;
    writer.flag(isOwn);
    if (!isOwn) writer.text(clickId);
    writer.stepped(probability, PROBABILITY_STEPS);
    writer.uint(placeOf(sources, source));
    writer.int(clickedAtMs);
  }
  writer.uint(lead.sourceShares.length);
  for (const { source, share } of lead.sourceShares) {
    writer.uint(placeOf(sources, source));
    writer.stepped(share, PROBABILITY_STEPS);
  }
  writer.uint(lead.evidence.length);
  for (const { term, winnerBits, runnerUpBits, words } of lead.evidence) {
    writer.text(term);
    writer.stepped(winnerBits, BIT_STEPS);
    writer.stepped(runnerUpBits, BIT_STEPS);
    writer.text(words);
  }
  writer.uint(lead.candidatesScanned);
  writer.uint(placeIn(CARRIERS, lead.carrier));
  writer.uint(lead.modelVersion);
  writer.int(lead.decidedAtMs);
  writer.uint(lead.partition);
  writer.uint(lead.offset);
  writer.flag(lead.late);
  writer.text(lead.workspaceRevision);
  writer.flag(lead.warming);
}

/** What a restart asks of every open lead comes first. */
function readLeadHead(): LeadHead {
  return { sequence: reader.uint(), leadId: reader.text(), startedAtMs: reader.int() };
}

function readLead(): OpenLead {
  const { sequence, leadId, startedAtMs } = readLeadHead();
  const revision = reader.uint();
  const state = at(STATES, reader.uint());
  const workspace = reader.commonText();
  const account = reader.commonText();
  const channel = at(CHANNELS, reader.uint());
  const contact = reader.text();
  const platformUserId = reader.text();
  const phone = reader.text();
  const firstMessageId = reader.text();
  const method = at(METHODS, reader.uint());
  const resolvedTo = at(RESOLVED_TO, reader.uint());
  const clickId = reader.text();
  const clickedAtMs = reader.int();
  const sources = list(() => readSource(reader));
  const source = sourceAt(sources, reader.uint());
  const probability = reader.stepped(PROBABILITY_STEPS);
  const pNone = reader.stepped(PROBABILITY_STEPS);
  const pOther = reader.stepped(PROBABILITY_STEPS);
  const candidates = list((): Candidate => {
    const id = reader.flag() ? clickId : reader.text();
    return {
      clickId: id,
      probability: reader.stepped(PROBABILITY_STEPS),
      source: at(sources, reader.uint() - 1),
      clickedAtMs: reader.int(),
    };
  });
  const sourceShares = list((): SourceShare => ({ source: sourceAt(sources, reader.uint()), share: reader.stepped(PROBABILITY_STEPS) }));
  const evidence = list(
    (): EvidenceTerm => ({
      term: reader.commonText(),
      winnerBits: reader.stepped(BIT_STEPS),
      runnerUpBits: reader.stepped(BIT_STEPS),
      words: reader.commonText(),
    }),
  );
  const lead: Lead = {
    leadId,
    revision,
    state,
    workspace,
    account,
    channel,
    contact,
    platformUserId,
    phone,
    firstMessageId,
    startedAtMs,
    method,
    resolvedTo,
    clickId,
    clickedAtMs,
    source,
    probability,
    pNone,
    pOther,
    candidates,
    sourceShares,
    evidence,
    candidatesScanned: reader.uint(),
    carrier: at(CARRIERS, reader.uint()),
    modelVersion: reader.uint(),
    decidedAtMs: reader.int(),
    partition: reader.uint(),
    offset: reader.uint(),
    late: reader.flag(),
    workspaceRevision: reader.commonText(),
    warming: reader.flag(),
  };
  return { lead, sequence };
}

function writeContact({ contact: { key, aliases, leads, sent }, isDirty }: OpenContact): void {
  writer.flag(isDirty);
  writer.text(key);
  writer.uint(aliases.length);
  for (const alias of aliases) writeUnless(alias, key);
  writer.uint(leads.length);
  for (const { leadId, startedAtMs, lastMessageAtMs, firstMessages, identity, decidingMessage } of leads) {
    writer.text(leadId);
    writer.int(startedAtMs);
    writer.int(lastMessageAtMs);
    writer.uint(firstMessages.length);
    for (const message of firstMessages) writeMessage(message);
    writer.text(identity);
    const known = firstMessages.findIndex((message) => message.id === decidingMessage.id && message.timeMs === decidingMessage.timeMs);
    const isNone = decidingMessage.id === '' && decidingMessage.timeMs === 0;
    writer.uint(isNone ? NO_MESSAGE_PLACE : known < 0 ? OTHER_MESSAGE_PLACE : known + FIRST_MESSAGE_PLACE);
    if (!isNone && known < 0) writeMessage(decidingMessage);
  }
  writer.flag(sent !== undefined);
  if (sent === undefined) return;
  writer.int(sent.atMs);
  writer.text(sent.click.clickId);
  writer.int(sent.click.clickedAtMs);
  writeSource(writer, sent.click.source);
}

const NO_MESSAGE_PLACE = 0;
const OTHER_MESSAGE_PLACE = 1;
const FIRST_MESSAGE_PLACE = 2;

function readContact(): OpenContact {
  const isDirty = reader.flag();
  const { key, aliases } = readKeys();
  const leads = list((): LeadMemo => {
    const leadId = reader.text();
    const startedAtMs = reader.int();
    const lastMessageAtMs = reader.int();
    const firstMessages = list(readMessage);
    const identity = reader.text();
    const place = reader.uint();
    const decidingMessage =
      place === NO_MESSAGE_PLACE
        ? NO_MESSAGE
        : place === OTHER_MESSAGE_PLACE
          ? readMessage()
          : at(firstMessages, place - FIRST_MESSAGE_PLACE);
    return { leadId, startedAtMs, lastMessageAtMs, firstMessages, identity, decidingMessage };
  });
  const contact: Contact = reader.flag() ? { key, aliases, leads, sent: readSent() } : { key, aliases, leads };
  return { contact, isDirty };
}

function readSent(): SentMemo {
  const atMs = reader.int();
  const clickId = reader.text();
  const clickedAtMs = reader.int();
  return { atMs, click: { clickId, clickedAtMs, source: readSource(reader) } };
}

function readKeys(): Pick<Contact, 'key' | 'aliases'> {
  const key = reader.text();
  return { key, aliases: list(() => readUnless(key)) };
}

function writeMessage({ id, timeMs }: FirstMessage): void {
  writer.text(id);
  writer.int(timeMs);
}

function readMessage(): FirstMessage {
  return { id: reader.text(), timeMs: reader.int() };
}

/** The first alias is the key itself. */
function writeUnless(text: string, same: string): void {
  writer.flag(text === same);
  if (text !== same) writer.text(text);
}

function readUnless(same: string): string {
  return reader.flag() ? same : reader.text();
}

function list<T>(read: () => T): readonly T[] {
  const count = reader.uint();
  const found: T[] = [];
  for (let index = 0; index < count; index += 1) found.push(read());
  return found;
}
