import type { Correction, ReplayedAnswer as WireAnswer } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { isRowSix, type ReplayedAnswer } from '../domain/lead.ts';
import { methodNumber, methodOf, resolvedToNumber, resolvedToOf } from './lead-codec.ts';
import { fromSource, toSource } from './source-codec.ts';
import { isBetween, MAX_ID } from './touchpoint-limits.ts';

/** Probabilities are steps of 1e-4; sums of up to 18 of them in doubles are off by far less than half a step. */
const HALF_STEP = 0.00005;
const MAX_CANDIDATES = 16;

/** The answer of a replay as a correction carries it. `contradictory` when it is none: a foreign writer's slip must not become a lead. */
export function toReplayedAnswer({ clickId, source, replayed }: Correction): ReplayedAnswer | 'contradictory' {
  if (replayed === undefined) return 'contradictory';
  const { candidates, sourceShares, pNone, pOther, probability, clickedAtMs, candidatesScanned, modelVersion, evidence } = replayed;
  const method = methodOf(replayed.method);
  const resolvedTo = resolvedToOf(replayed.resolvedTo);
  if (method === undefined || !isRowSix(method) || resolvedTo === undefined) return 'contradictory';
  const namesClick = resolvedTo === 'click';
  if (namesClick !== (clickId !== '') || (resolvedTo === 'none') !== (source === undefined)) return 'contradictory';
  if ((method === 'probabilistic') === (resolvedTo === 'none')) return 'contradictory';
  if (namesClick && candidates[0]?.clickId !== clickId) return 'contradictory';
  if (candidates.length > MAX_CANDIDATES || candidates.some((candidate) => !isBetween(candidate.clickId, MAX_ID))) return 'contradictory';
  const all = [pNone, pOther, ...candidates.map((candidate) => candidate.probability)];
  const shares = sourceShares.map(({ share }) => share);
  if (![probability, ...all, ...shares].every(isProbability) || !sumsToOne(all) || !sumsToOne(shares)) return 'contradictory';
  return {
    method,
    resolvedTo,
    clickId,
    clickedAtMs,
    source: source === undefined ? undefined : toSource(source),
    probability,
    pNone,
    pOther,
    candidates: candidates.map((candidate) => ({ ...candidate, source: toSource(candidate.source) })),
    sourceShares: sourceShares.map((share) => ({
      share: share.share,
      source: share.source === undefined ? undefined : toSource(share.source),
    })),
    evidence,
    candidatesScanned,
    modelVersion,
  };
}

export function fromReplayedAnswer(answer: ReplayedAnswer): Pick<Correction, 'clickId' | 'source' | 'replayed'> {
  const { method, resolvedTo, clickId, source, candidates, sourceShares, evidence, ...same } = answer;
  const replayed: WireAnswer = {
    ...same,
    method: methodNumber(method),
    resolvedTo: resolvedToNumber(resolvedTo),
    candidates: candidates.map((candidate) => ({ ...candidate, source: fromSource(candidate.source) })),
    sourceShares: sourceShares.map((share) => ({ ...share, source: share.source === undefined ? undefined : fromSource(share.source) })),
    evidence: [...evidence],
  };
  return { clickId, source: source === undefined ? undefined : fromSource(source), replayed };
}

function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}

function sumsToOne(values: readonly number[]): boolean {
  return Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < HALF_STEP;
}
