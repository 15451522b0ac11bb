import { type ClickStore, foundClick } from './click-store.ts';
import type { Answer, Candidate, EvidenceTerm, Method, ResolvedTo, SourceShare } from './lead.ts';
import type { Posterior, SourceMass } from './posterior.ts';
import { EMPTY_SOURCE, type Source } from './source.ts';

/** What is likelier than everything else together is named. */
const COMMIT = 0.5;
/** As likely as this, "no click" is an answer. */
const NONE = 0.8;
const UNITS = 10_000;

/** A click as an answer names it. */
type Weighed = Pick<Candidate, 'clickId' | 'source' | 'clickedAtMs' | 'probability'>;

/** Rows 6 and 7: the finest thing that is more likely right than wrong, or that there was no click, or neither. */
export function posteriorAnswer(clicks: ClickStore, posterior: Posterior, evidence: readonly EvidenceTerm[]): Answer {
  // Most of the sixteen are rounded to nothing: only those that an answer names are looked up.
  const said = saidOf(posterior.options, posterior, ({ click }) => foundClick(clicks, click));
  return { ...said, evidence, candidatesScanned: posterior.scanned, carrier: 'none' };
}

/** The same from clicks and sources however they were weighed: `options` by falling probability, sources with their parts of the clicks' mass. */
export function weighedAnswer(options: readonly Weighed[], masses: Masses): Said {
  return saidOf(options, masses, (option) => option);
}

type Masses = Pick<Posterior, 'pNone' | 'pOther' | 'sources'>;
type Said = Omit<Answer, 'evidence' | 'candidatesScanned' | 'carrier'>;

function saidOf<T extends { readonly probability: number }>(
  options: readonly T[],
  masses: Masses,
  nameOf: (option: T) => Omit<Weighed, 'probability'>,
): Said {
  const units = rounded([masses.pNone, masses.pOther, ...options.map(({ probability }) => probability)]);
  const candidates: Candidate[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const own = units[at + 2]!;
    if (own <= 0) continue;
    const { clickId, source, clickedAtMs } = nameOf(options[at]!);
    candidates.push({ clickId, source, clickedAtMs, probability: own / UNITS });
  }
  const pNone = units[0]! / UNITS;
  return {
    ...resolve(candidates, masses, pNone),
    pNone,
    pOther: units[1]! / UNITS,
    candidates,
    sourceShares: shares(masses),
  };
}

type Named = Pick<Answer, 'method' | 'resolvedTo' | 'clickId' | 'clickedAtMs' | 'source' | 'probability'>;

/** `saidNone`: as it is emitted, rounded so that all sum to 1. Rounded by itself the probability of "no click" differed from it by a last digit at times. */
function resolve(candidates: readonly Candidate[], { pNone, sources }: Pick<Posterior, 'pNone' | 'sources'>, saidNone: number): Named {
  const best = candidates[0];
  if (best !== undefined && best.probability >= COMMIT) {
    const { clickId, clickedAtMs, source, probability } = best;
    return { method: 'probabilistic', resolvedTo: 'click', clickId, clickedAtMs, source, probability };
  }
  for (const [resolvedTo, nameOf] of LEVELS) {
    const group = likeliestGroup(sources, nameOf);
    if (group === undefined || quantised(group.probability) < COMMIT) continue;
    return { ...nobody('probabilistic', resolvedTo), source: inCommon(group.sources), probability: quantised(group.probability) };
  }
  return { ...nobody(pNone >= NONE ? 'none' : 'unresolved', 'none'), source: undefined, probability: saidNone };
}

function nobody(method: Method, resolvedTo: ResolvedTo) {
  return { method, resolvedTo, clickId: '', clickedAtMs: 0 };
}

const LEVELS: readonly (readonly [ResolvedTo, (source: Source) => string])[] = [
  ['placement', ({ placement }) => placement],
  ['campaign', ({ utmCampaign, adId }) => (utmCampaign === '' ? adId : utmCampaign)],
  ['source', ({ utmSource }) => utmSource],
];

function likeliestGroup(sources: readonly SourceMass[], nameOf: (source: Source) => string) {
  const groups = new Map<string, { probability: number; readonly sources: Source[] }>();
  for (const { source, probability } of sources) {
    const name = nameOf(source);
    if (name === '') continue;
    const group = groups.get(name) ?? { probability: 0, sources: [] };
    group.probability += probability;
    group.sources.push(source);
    groups.set(name, group);
  }
  let best: { readonly probability: number; readonly sources: readonly Source[] } | undefined;
  for (const group of groups.values()) if (best === undefined || group.probability > best.probability) best = group;
  return best;
}

/** What all sources of a group agree on: a placement whose clicks come from two campaigns is named without campaign, one found by search and by ads without kind. */
function inCommon(sources: readonly Source[]): Source {
  const first = sources[0] ?? EMPTY_SOURCE;
  const same = (of: (source: Source) => string) => (sources.every((source) => of(source) === of(first)) ? of(first) : '');
  return {
    utmSource: same(({ utmSource }) => utmSource),
    utmMedium: same(({ utmMedium }) => utmMedium),
    utmCampaign: same(({ utmCampaign }) => utmCampaign),
    utmContent: same(({ utmContent }) => utmContent),
    utmTerm: same(({ utmTerm }) => utmTerm),
    referrerHost: '',
    adId: same(({ adId }) => adId),
    clickIds: [],
    placement: same(({ placement }) => placement),
    kind: sources.every(({ kind }) => kind === first.kind) ? first.kind : 'unknown',
  };
}

/** What reports add up. What was withheld from clicks and could be given to no source is nobody's. */
function shares({ sources, pNone }: Pick<Posterior, 'pNone' | 'sources'>): readonly SourceShare[] {
  const given = sources.reduce((sum, { probability }) => sum + probability, 0);
  // Capping moved mass from clicks to "no click": the sources follow.
  const factor = given > 0 ? (1 - pNone) / given : 0;
  const ordered = sources.toSorted((a, b) => b.probability - a.probability);
  const units = rounded([given > 0 ? pNone : 1, ...ordered.map(({ probability }) => probability * factor)]);
  const out: SourceShare[] = units[0] === 0 ? [] : [{ source: undefined, share: units[0]! / UNITS }];
  ordered.forEach(({ source }, index) => {
    const own = units[index + 1]!;
    if (own > 0) out.push({ source, share: own / UNITS });
  });
  return out;
}

/** Steps of 1e-4 that sum to one exactly: the largest remainders are rounded up; of equal ones the first. */
function rounded(probabilities: readonly number[]): readonly number[] {
  const exact = probabilities.map((probability) => Math.max(0, probability) * UNITS);
  const units = exact.map(Math.floor);
  let missing = UNITS - units.reduce((sum, each) => sum + each, 0);
  const order = exact.map((_, index) => index).sort((a, b) => exact[b]! - units[b]! - (exact[a]! - units[a]!) || a - b);
  for (let at = 0; missing > 0 && order.length > 0; at = (at + 1) % order.length) {
    units[order[at]!]! += 1;
    missing -= 1;
  }
  for (let at = 0; missing < 0 && at < units.length; at += 1) {
    const taken = Math.min(units[at]!, -missing);
    units[at]! -= taken;
    missing += taken;
  }
  return units;
}

function quantised(probability: number): number {
  return Math.round(probability * UNITS) / UNITS;
}
