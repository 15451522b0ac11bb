import {
  type Lead as WireLead,
  Lead as WireLeadCodec,
  type Method as WireMethod,
  type ResolvedTo as WireResolvedTo,
  type LeadState as WireState,
} from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import type { Lead, LeadState, Method, ResolvedTo } from '../domain/lead.ts';
import { fromCarrier, fromChannel, fromSource, toCarrier, toChannel, toSource } from './source-codec.ts';

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

/** A lead as leads.v1 and the join store carry it. */
export function encodeLead(lead: Lead): Uint8Array {
  return WireLeadCodec.encode(toWireLead(lead)).finish();
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
