import {
  type Lead as WireLead,
  Lead as WireLeadCodec,
  type Method as WireMethod,
  type ResolvedTo as WireResolvedTo,
  type LeadState as WireState,
} from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import type { Candidate, EvidenceTerm, Lead, LeadState, Method, ResolvedTo, SourceShare } from '../domain/lead.ts';
import type { Source } from '../domain/source.ts';
import { fromCarrier, fromChannel, fromSource, fromSourceKind, toCarrier, toChannel, toSource } from './source-codec.ts';
import { WireWriter } from './wire-writer.ts';

/** By the numbers of the wire; 0 is "not set" and never written. */
const STATES: readonly (LeadState | undefined)[] = [undefined, 'provisional', 'final', 'corrected'];
const METHODS: readonly (Method | undefined)[] = [
  undefined,
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
const RESOLVED_TO: readonly (ResolvedTo | undefined)[] = [undefined, 'click', 'placement', 'campaign', 'source', 'none'];

/**
 * A lead as leads.v1 and the join store carry it: the same bytes as `WireLead.encode(toWireLead(lead))`, which a property test checks, in a
 * fifth of its time; leads are most of what the matcher writes. Tags are field numbers of lead.proto times 8 plus the wire type.
 */
export function encodeLead(lead: Lead): Buffer {
  const { source } = lead;
  writer.text(10, lead.leadId);
  writer.number(16, lead.revision);
  writer.number(24, numberOf(STATES, lead.state));
  writer.text(34, lead.workspace);
  writer.text(42, lead.account);
  writer.number(48, fromChannel(lead.channel));
  writer.text(58, lead.contact);
  writer.text(66, lead.platformUserId);
  writer.text(74, lead.phone);
  writer.text(82, lead.firstMessageId);
  writer.number(88, lead.startedAtMs);
  writer.number(96, numberOf(METHODS, lead.method));
  writer.number(104, numberOf(RESOLVED_TO, lead.resolvedTo));
  writer.text(114, lead.clickId);
  if (source !== undefined) writeOwnSource(source);
  writer.double(129, lead.probability);
  writer.double(137, lead.pNone);
  writer.double(145, lead.pOther);
  for (const candidate of lead.candidates) writeCandidate(candidate, source);
  for (const share of lead.sourceShares) writeShare(share, source);
  for (const term of lead.evidence) writeEvidence(term);
  writer.number(176, lead.candidatesScanned);
  writer.number(184, lead.modelVersion);
  writer.number(192, lead.decidedAtMs);
  const position = writer.enter(202);
  writer.number(8, lead.partition);
  writer.number(16, lead.offset);
  writer.leave(position);
  writer.number(208, fromCarrier(lead.carrier));
  writer.number(216, lead.clickedAtMs);
  writer.number(224, lead.late ? 1 : 0);
  writer.text(234, lead.workspaceRevision);
  writer.number(240, lead.warming ? 1 : 0);
  return writer.finish();
}

const writer = new WireWriter();

/** A lead names its source up to three times, most often the same object: what was written once is copied. */
let sourceFrom = 0;
let sourceTo = 0;

function writeOwnSource(source: Source): void {
  const at = writer.enter(122);
  writeSourceFields(source);
  sourceFrom = writer.leave(at);
  sourceTo = writer.position();
}

function writeSource(tag: number, source: Source, own: Source | undefined): void {
  if (source === own) {
    writer.repeat(tag, sourceFrom, sourceTo);
    return;
  }
  const at = writer.enter(tag);
  writeSourceFields(source);
  writer.leave(at);
}

function writeSourceFields(source: Source): void {
  writer.text(10, source.utmSource);
  writer.text(18, source.utmMedium);
  writer.text(26, source.utmCampaign);
  writer.text(34, source.utmContent);
  writer.text(42, source.utmTerm);
  writer.text(50, source.referrerHost);
  writer.text(58, source.adId);
  for (const [name, value] of source.clickIds) {
    const pair = writer.enter(66);
    writer.text(10, name);
    writer.text(18, value);
    writer.leave(pair);
  }
  writer.text(74, source.placement);
  writer.number(80, fromSourceKind(source.kind));
}

function writeCandidate({ clickId, probability, source, clickedAtMs }: Candidate, own: Source | undefined): void {
  const at = writer.enter(154);
  writer.text(10, clickId);
  writer.double(17, probability);
  writeSource(26, source, own);
  writer.number(32, clickedAtMs);
  writer.leave(at);
}

function writeShare({ source, share }: SourceShare, own: Source | undefined): void {
  const at = writer.enter(162);
  if (source !== undefined) writeSource(10, source, own);
  writer.double(17, share);
  writer.leave(at);
}

function writeEvidence({ term, winnerBits, runnerUpBits, words }: EvidenceTerm): void {
  const at = writer.enter(170);
  writer.text(10, term);
  writer.double(17, winnerBits);
  writer.double(25, runnerUpBits);
  writer.text(34, words);
  writer.leave(at);
}

/** Throws on bytes that are no lead of ours: they come from our own store, so that is a defect and no input. */
export function decodeLead(bytes: Uint8Array): Lead {
  return fromWireLead(WireLeadCodec.decode(bytes));
}

export function decodeWireLead(bytes: Uint8Array): WireLead {
  return WireLeadCodec.decode(bytes);
}

export function toWireLead(lead: Lead): WireLead {
  const { partition, offset, state, method, resolvedTo, channel, carrier, source, candidates, sourceShares, evidence, ...same } = lead;
  return {
    ...same,
    state: numberOf(STATES, state) as WireState,
    method: numberOf(METHODS, method) as WireMethod,
    resolvedTo: numberOf(RESOLVED_TO, resolvedTo) as WireResolvedTo,
    channel: fromChannel(channel),
    carrier: fromCarrier(carrier),
    source: source === undefined ? undefined : fromSource(source),
    candidates: candidates.map((candidate) => ({ ...candidate, source: fromSource(candidate.source) })),
    sourceShares: sourceShares.map((share) => ({ ...share, source: share.source === undefined ? undefined : fromSource(share.source) })),
    evidence: [...evidence],
    logPosition: { partition, offset },
  };
}

export function fromWireLead(wire: WireLead): Lead {
  const { logPosition, state, method, resolvedTo, channel, carrier, source, candidates, sourceShares, ...same } = wire;
  return {
    ...same,
    state: known(STATES, state),
    method: known(METHODS, method),
    resolvedTo: known(RESOLVED_TO, resolvedTo),
    channel: toChannel(channel),
    carrier: toCarrier(carrier),
    source: source === undefined ? undefined : toSource(source),
    candidates: candidates.map((candidate) => ({ ...candidate, source: toSource(candidate.source) })),
    sourceShares: sourceShares.map((share) => ({ ...share, source: share.source === undefined ? undefined : toSource(share.source) })),
    partition: logPosition?.partition ?? 0,
    offset: logPosition?.offset ?? 0,
  };
}

function numberOf<T>(list: readonly (T | undefined)[], value: T): number {
  return list.indexOf(value);
}

function known<T>(list: readonly (T | undefined)[], number: number): T {
  const value = list[number];
  if (value === undefined) throw new RangeError('a stored lead holds a value this version does not know: it was written by a newer one');
  return value;
}

export function methodOf(wire: WireMethod): Method | undefined {
  return METHODS[wire];
}

export function methodNumber(method: Method): WireMethod {
  return numberOf(METHODS, method) as WireMethod;
}

export function resolvedToOf(wire: WireResolvedTo): ResolvedTo | undefined {
  return RESOLVED_TO[wire];
}

export function resolvedToNumber(resolvedTo: ResolvedTo): WireResolvedTo {
  return numberOf(RESOLVED_TO, resolvedTo) as WireResolvedTo;
}

/** The words that tables and JSON use, such as `exact_id`. */
export function methodWord(wire: WireMethod): string {
  return METHODS[wire] ?? 'unspecified';
}

export function stateWord(wire: WireState): string {
  return STATES[wire] ?? 'unspecified';
}

export function resolvedToWord(wire: WireResolvedTo): string {
  return RESOLVED_TO[wire] ?? 'unspecified';
}
