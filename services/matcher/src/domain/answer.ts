import type { Identifier } from './identifier.ts';
import { type Answer, type Lead, quantiseBits, quantiseProbability } from './lead.ts';
import type { Settings } from './settings.ts';
import { type Source, sourceLevel } from './source.ts';
import type { CorrectionTouchpoint } from './touchpoint.ts';

/**
 * ε of rows 1 and 2: how often an identifier is brought by somebody other than the person it was given to, before that person.
 * A constant until it is learned from messages of method `forward`.
 */
export const IDENTIFIER_EPSILON = 0.001;

/** Rows 1 and 2 and `forward`. */
export function identifiedAnswer(identifier: Exclude<Identifier, { kind: 'stale' }>, messageTimeMs: number): Answer {
  const collision = identifier.kind === 'click' ? (identifier.repaired?.collision ?? 0) : 0;
  const probability = quantiseProbability((1 - IDENTIFIER_EPSILON) * (1 - collision));
  const bits = quantiseBits(Math.log2(probability / (1 - probability)));
  if (identifier.kind === 'source') {
    return {
      ...sourceAnswer(identifier.source, probability),
      method: identifier.via === 'code_word' ? 'exact_id' : 'hidden_id',
      carrier: identifier.via === 'code_word' ? 'word' : 'none',
      evidence: [{ term: 'identifier', winnerBits: bits, runnerUpBits: 0, words: `${sourceWords(identifier)}; +${bits}` }],
    };
  }
  const { click, carrier, isForward, repaired } = identifier;
  const method = isForward ? 'forward' : repaired !== undefined ? 'damaged_id' : identifier.via === 'text_code' ? 'exact_id' : 'hidden_id';
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
    pOther: quantiseProbability(1 - probability),
    candidates: [{ clickId: click.clickId, probability, source: click.source, clickedAtMs: click.clickedAtMs }],
    sourceShares: [{ source: click.source, share: 1 }],
    evidence: [{ term: 'identifier', winnerBits: bits, runnerUpBits: 0, words: `${words}${forwardWords}; +${bits}` }],
    candidatesScanned: 1,
    carrier,
  };
}

/** Rows 4 and 5, for a message without identifier; undefined when neither fires. `earlier` is the contact's lead within its returning window. */
export function rowsBeforeSix({ dedicatedSource }: Settings, earlier: Lead | undefined): Answer | undefined {
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
  return undefined;
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

export function noClickAnswer(): Answer {
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
      { term: 'prior', winnerBits: 0, runnerUpBits: 0, words: 'nothing is left of the message that could be compared with clicks' },
    ],
    candidatesScanned: 0,
    carrier: 'none',
  };
}

function sourceWords(identifier: Extract<Identifier, { kind: 'source' }>): string {
  return identifier.via === 'code_word'
    ? `message holds the printed word ${identifier.word}, which many people share`
    : SOURCE_WORDS[identifier.via];
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
    case 'sent':
      return 'is of the person we wrote to first because';
    case 'text_code':
      if (identifier.repaired === undefined) return `message holds code ${identifier.code}${CARRIER_WORDS[identifier.carrier]}`;
      return identifier.repaired.read === identifier.code
        ? `message holds code ${identifier.code}${CARRIER_WORDS[identifier.carrier]}, damaged and put right by its checksum,`
        : `message holds ${identifier.repaired.read}, one slip away from code ${identifier.code} and from no other live one,`;
  }
}

const CARRIER_WORDS = {
  visible: '',
  emoji: ' as emoji',
  invisible: ' in invisible characters',
  start_payload: '',
  word: '',
  none: '',
} as const;

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
