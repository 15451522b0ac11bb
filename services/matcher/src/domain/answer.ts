import type { Identifier } from './identifier.ts';
import { type Answer, type Candidate, type Lead, quantiseBits, quantiseProbability, type SourceShare } from './lead.ts';
import type { Settings } from './settings.ts';
import { type Source, sourceKey, sourceLevel } from './source.ts';
import type { ClickFacts, CorrectionTouchpoint, MessageTouchpoint } from './touchpoint.ts';

/**
 * ε of rows 1 and 2: how often an identifier is brought by somebody other than the person it was given to, before that person.
 * A constant until it is learned from messages of method `forward`.
 */
export const IDENTIFIER_EPSILON = 0.001;

/**
 * A message without identifier, before any model: 5 % of click-driven leads lose their code and one message in ten comes from no click
 * (the priors of the model), so .05 / (.05 + .10) of such messages come from some click when there are clicks.
 */
const CLICK_PRIOR_UNITS = 3_333;
/** Probabilities are counted in steps of 1e-4, so that they sum to 1 exactly. */
const UNITS = 10_000;
const LISTED_CANDIDATES = 16;

/** Row 6: the posterior over the candidates (newest first); undefined when nothing reaches one half. */
export type ProbabilisticRule = (candidates: readonly ClickFacts[], message: MessageTouchpoint, settings: Settings) => Answer | undefined;

export interface Circumstances {
  readonly message: MessageTouchpoint | undefined;
  readonly settings: Settings;
  readonly candidates: readonly ClickFacts[];
  /** The contact's lead before this one, when its returning window is open. */
  readonly earlier: Lead | undefined;
}

/** Rows 1 and 2 and `forward`. */
export function identifiedAnswer(identifier: Exclude<Identifier, { kind: 'stale' }>, messageTimeMs: number): Answer {
  const bits = quantiseBits(Math.log2((1 - IDENTIFIER_EPSILON) / IDENTIFIER_EPSILON));
  const probability = quantiseProbability(1 - IDENTIFIER_EPSILON);
  if (identifier.kind === 'source') {
    return {
      ...sourceAnswer(identifier.source, probability),
      method: 'hidden_id',
      evidence: [{ term: 'identifier', winnerBits: bits, runnerUpBits: 0, words: `${SOURCE_WORDS[identifier.via]}; +${bits}` }],
    };
  }
  const { click, carrier, isForward } = identifier;
  const method = isForward ? 'forward' : identifier.via === 'text_code' ? 'exact_id' : 'hidden_id';
  const words = `${clickWords(identifier)} of a click ${agoWords(messageTimeMs - click.clickedAtMs)}`;
  const forwardWords = isForward ? '; another contact brought it before' : '';
  return {
    method,
    resolvedTo: 'click',
    clickId: click.clickId,
    clickedAtMs: click.clickedAtMs,
    source: click.source,
    probability,
    pNone: 0,
    pOther: quantiseProbability(IDENTIFIER_EPSILON),
    candidates: [{ clickId: click.clickId, probability, source: click.source, clickedAtMs: click.clickedAtMs }],
    sourceShares: [{ source: click.source, share: 1 }],
    evidence: [{ term: 'identifier', winnerBits: bits, runnerUpBits: 0, words: `${words}${forwardWords}; +${bits}` }],
    candidatesScanned: 1,
    carrier,
  };
}

/** Rows 4 to 7, for a message that carries no identifier. */
export function unidentifiedAnswer(
  { message, settings, candidates, earlier }: Circumstances,
  rule6: ProbabilisticRule | undefined,
): Answer {
  const { dedicatedSource } = settings;
  if (dedicatedSource !== undefined) {
    const words = 'the account serves this source only';
    return {
      ...sourceAnswer(dedicatedSource, 1),
      method: 'dedicated_account',
      evidence: [{ term: 'dedicated_account', winnerBits: 0, runnerUpBits: 0, words }],
    };
  }
  if (earlier?.source !== undefined) {
    const words = 'the contact came from this source before, within the returning window';
    return {
      ...sourceAnswer(earlier.source, earlier.probability),
      method: 'returning_contact',
      evidence: [{ term: 'returning_contact', winnerBits: 0, runnerUpBits: 0, words }],
    };
  }
  const posterior = message === undefined ? undefined : rule6?.(candidates, message, settings);
  return posterior ?? (candidates.length === 0 ? noClickAnswer() : unresolvedAnswer(candidates));
}

/** Somebody outside knows: taken as said. */
export function correctionAnswer(correction: CorrectionTouchpoint, clickedAtMs: number, known: Source | undefined): Answer {
  const by = correction.correctedBy === '' ? 'somebody outside' : correction.correctedBy;
  const evidence = [{ term: 'correction', winnerBits: 0, runnerUpBits: 0, words: `said by ${by}` }];
  const source = correction.source ?? known;
  if (correction.clickId !== '') {
    const { clickId } = correction;
    const named = source === undefined ? [] : [{ clickId, probability: 1, source, clickedAtMs }];
    return {
      method: 'correction',
      resolvedTo: 'click',
      clickId,
      clickedAtMs,
      source,
      probability: 1,
      pNone: 0,
      pOther: named.length === 0 ? 1 : 0,
      candidates: named,
      sourceShares: [{ source, share: 1 }],
      evidence,
      candidatesScanned: 1,
      carrier: 'none',
    };
  }
  if (correction.source !== undefined) return { ...sourceAnswer(correction.source, 1), method: 'correction', evidence };
  return { ...noClickAnswer(), method: 'correction', evidence };
}

/** A source is named and no click: what led there is among "others", because no click of ours is claimed. */
function sourceAnswer(source: Source, probability: number): Omit<Answer, 'method' | 'evidence'> {
  return {
    resolvedTo: sourceLevel(source),
    clickId: '',
    clickedAtMs: 0,
    source,
    probability,
    pNone: 0,
    pOther: 1,
    candidates: [],
    sourceShares: [{ source, share: 1 }],
    candidatesScanned: 0,
    carrier: 'none',
  };
}

function noClickAnswer(): Answer {
  return {
    method: 'none',
    resolvedTo: 'none',
    clickId: '',
    clickedAtMs: 0,
    source: undefined,
    probability: 1,
    pNone: 1,
    pOther: 0,
    candidates: [],
    sourceShares: [{ source: undefined, share: 1 }],
    evidence: [
      { term: 'prior', winnerBits: 0, runnerUpBits: 0, words: 'no tracked click of this account in the two hours before the message' },
    ],
    candidatesScanned: 0,
    carrier: 'none',
  };
}

/** Every candidate is as likely as the next; the newest 16 are listed, the rest of the clicks' mass is `pOther`. */
function unresolvedAnswer(clicks: readonly ClickFacts[]): Answer {
  const listed = clicks.slice(0, LISTED_CANDIDATES);
  const each = Math.floor(CLICK_PRIOR_UNITS / clicks.length);
  const noneUnits = UNITS - CLICK_PRIOR_UNITS;
  const candidates = listed.map(
    (click): Candidate => ({ clickId: click.clickId, probability: each / UNITS, source: click.source, clickedAtMs: click.clickedAtMs }),
  );
  const pNone = noneUnits / UNITS;
  const words = `no identifier, and ${clicks.length} unclaimed clicks in the two hours before the message: any of them, or none`;
  return {
    method: 'unresolved',
    resolvedTo: 'none',
    clickId: '',
    clickedAtMs: 0,
    source: undefined,
    probability: pNone,
    pNone,
    pOther: (CLICK_PRIOR_UNITS - each * listed.length) / UNITS,
    candidates,
    sourceShares: [{ source: undefined, share: pNone }, ...sharesOf(listed)],
    evidence: [{ term: 'prior', winnerBits: quantiseBits(Math.log2(pNone / (1 - pNone))), runnerUpBits: 0, words }],
    candidatesScanned: clicks.length,
    carrier: 'none',
  };
}

/** The clicks' mass by source, in proportion to the listed candidates; the first source takes what rounding leaves. */
function sharesOf(listed: readonly ClickFacts[]): readonly SourceShare[] {
  const counts = new Map<string, { readonly source: Source; count: number }>();
  for (const { source } of listed) {
    const key = sourceKey(source);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { source, count: 1 });
    else known.count += 1;
  }
  let left = CLICK_PRIOR_UNITS;
  const units = [...counts.values()].map(({ source, count }) => {
    const share = Math.floor((CLICK_PRIOR_UNITS * count) / listed.length);
    left -= share;
    return { source, share };
  });
  return units.map(({ source, share }, index) => ({ source, share: (index === 0 ? share + left : share) / UNITS }));
}

const SOURCE_WORDS = {
  referral: 'the messenger names the ad or post that opened the chat',
  invite_link: 'joined through a named invite link',
  start_payload: 'started with the name of a placement',
} as const;

function clickWords(identifier: Extract<Identifier, { kind: 'click' }>): string {
  switch (identifier.via) {
    case 'start_payload':
      return `started with code ${identifier.code}`;
    case 'reply':
      return 'replies to a message we sent';
    case 'text_code':
      return `message holds code ${identifier.code}${CARRIER_WORDS[identifier.carrier]}`;
  }
}

const CARRIER_WORDS = { visible: '', emoji: ' as emoji', invisible: ' in invisible characters', start_payload: '', none: '' } as const;

function agoWords(ageMs: number): string {
  // Messengers tell the second, clicks the millisecond: a message may seem to come before its click by less than one.
  if (Math.abs(ageMs) < 1_000) return 'in the same second';
  const seconds = Math.round(Math.abs(ageMs) / 1_000);
  const when = ageMs < 0 ? 'later' : 'earlier';
  if (seconds < 120) return `${seconds} s ${when}`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ${when}`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ${when}`;
  return `${Math.round(seconds / 86_400)} d ${when}`;
}
