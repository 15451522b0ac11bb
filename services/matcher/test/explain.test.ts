import { describe, expect, it } from 'vitest';
import { explain, sureness } from '../src/domain/explain.ts';
import type { Candidate, EvidenceTerm, Lead } from '../src/domain/lead.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, log, MINUTE, message, source, T0 } from './support/log-builder.ts';

const GOOGLE = source({ placement: 'site', utmCampaign: 'spring', utmSource: 'google', clickIds: [['gclid', 'secret-value']] });

function candidate(clickId: string, probability: number): Candidate {
  return { clickId, probability, source: GOOGLE, clickedAtMs: T0 };
}

function term(name: string, winnerBits: number, runnerUpBits: number, words: string): EvidenceTerm {
  return { term: name, winnerBits, runnerUpBits, words };
}

const EVIDENCE = [
  term('prior', -4.36, -4.36, '20 % of such clicks lead to a message, 5.0 % of those without their code; −4.36'),
  term('delay', 6.8, 5.1, 'wrote 14 s after the click; +6.8'),
  term('taken', 0, -18.39, 'of the runner-up alone: another message brought the code of this click; −18.39'),
];

function lead(part: Partial<Lead>): Lead {
  return {
    leadId: 'x',
    revision: 1,
    state: 'provisional',
    workspace: 'acme',
    account: 'wa',
    channel: 'whatsapp',
    contact: 'ann',
    platformUserId: '',
    phone: '+14155550199',
    firstMessageId: 'm1',
    startedAtMs: T0,
    method: 'probabilistic',
    resolvedTo: 'click',
    clickId: 'c1',
    clickedAtMs: T0 - 14_000,
    source: GOOGLE,
    probability: 0.9312,
    pNone: 0.05,
    pOther: 0,
    candidates: [candidate('c1', 0.9312), candidate('c2', 0.0188)],
    sourceShares: [],
    evidence: EVIDENCE,
    candidatesScanned: 40,
    carrier: 'none',
    modelVersion: 3,
    decidedAtMs: T0,
    partition: 0,
    offset: 1,
    late: false,
    workspaceRevision: '',
    warming: false,
    ...part,
  };
}

describe('an explanation', () => {
  it('names the click, how sure that is, and why, the weightiest first, with the runner-up where it differs', () => {
    expect(explain(lead({}))).toEqual([
      'The lead came from click c1, placement "site", campaign "spring", source "google", a gclid (very likely, 93.12 %).',
      'Of the runner-up alone: another message brought the code of this click; −18.39.',
      'Wrote 14 s after the click; +6.8 (runner-up +5.1).',
      '20 % of such clicks lead to a message, 5.0 % of those without their code; −4.36.',
      '1 other click was possible; it stands at 1.88 %.',
      'Revision 1 is provisional: it may change until an hour after the message.',
    ]);
  });

  it.each([
    ['placement', source({ placement: 'site' }), 'placement "site"'],
    ['campaign', source({ utmCampaign: 'spring', utmSource: 'google' }), 'campaign "spring", source "google"'],
    ['source', source({ utmSource: 'google' }), 'source "google"'],
  ] as const)(
    'of an answer that names a %s says that the click is not known, and of which click the terms are',
    (resolvedTo, from, words) => {
      const candidates = [candidate('c1', 0.4), candidate('c2', 0.35), candidate('c3', 0.2)];
      const answer = lead({ resolvedTo, clickId: '', source: from, probability: 0.97, candidates, pOther: 0.01, evidence: [EVIDENCE[1]!] });
      expect(explain(answer)).toEqual([
        `The lead came from ${words} (certain in practice, 97.00 %); which click it was is not known.`,
        'What follows is said of the likeliest click, c1, at 40.00 %:',
        'Wrote 14 s after the click; +6.8 (runner-up +5.1).',
        'More than 3 clicks were possible; the likeliest stands at 40.00 %.',
        'Revision 1 is provisional: it may change until an hour after the message.',
      ]);
    },
  );

  it('of what is not resolved says how many clicks were possible', () => {
    const candidates = [candidate('c1', 0.3), candidate('c2', 0.25), candidate('c3', 0.2)];
    const nobody = { clickId: '', source: undefined, resolvedTo: 'none', method: 'unresolved', probability: 0.25, pNone: 0.25 } as const;
    expect(explain(lead({ ...nobody, candidates, evidence: [EVIDENCE[1]!], warming: true, state: 'final', revision: 2 }))).toEqual([
      'Where the lead came from is not resolved: 3 possible clicks, the likeliest at 30.00 %; that no tracked click led to it: 25.00 %.',
      'What follows is said of the likeliest click, c1, at 30.00 %:',
      'Wrote 14 s after the click; +6.8 (runner-up +5.1).',
      'The account is new (fewer than 100 leads with an identifier, less than two days): this rests on what is usual elsewhere.',
      'Revision 2 is final.',
    ]);
  });

  it('of a message of nobody’s click says so, and what spoke against the best of the clicks', () => {
    const nobody = { clickId: '', source: undefined, resolvedTo: 'none', method: 'none', probability: 0.9999, pNone: 0.9999 } as const;
    expect(explain(lead({ ...nobody, candidates: [], evidence: [EVIDENCE[0]!], late: true, state: 'corrected', revision: 3 }))).toEqual([
      'No tracked click led to this message (certain in practice, 99.99 %).',
      'What follows is said of the best of the clicks, none of which is likely:',
      '20 % of such clicks lead to a message, 5.0 % of those without their code; −4.36.',
      'Revision 3 corrects a final decision. Its first message reached us more than a day after it was written.',
    ]);
  });

  it('says nothing of clicks where an identifier decided, new account or not', () => {
    const words = 'message holds code AAAA of a click 20 s earlier; +9.96';
    const answer = lead({
      method: 'exact_id',
      probability: 0.999,
      pNone: 0,
      candidates: [candidate('c1', 0.999)],
      candidatesScanned: 1,
      evidence: [term('identifier', 9.96, 0, words)],
      warming: true,
    });
    expect(explain(answer)).toEqual([
      'The lead came from click c1, placement "site", campaign "spring", source "google", a gclid (certain in practice, 99.90 %).',
      'Message holds code AAAA of a click 20 s earlier; +9.96.',
      'Revision 1 is provisional: it may change until an hour after the message.',
    ]);
  });

  it('repeats no phone number and no value of an ad click id', () => {
    const sentences = explain(lead({})).join(' ');
    expect(sentences).not.toContain('secret-value');
    expect(sentences).not.toContain('4155550199');
  });

  it('of the operator itself adds up: the bits of its terms are the odds of the winner against nobody’s click', async () => {
    const { leads } = await foldLog(
      log(click({ id: 'c1', code: 'AAAA', at: T0 }), message({ id: 'm1', from: 'ann', at: T0 + 40 * MINUTE })),
    );
    const [found] = leads;
    const bits = found!.evidence.reduce((sum, { winnerBits }) => sum + winnerBits, 0);
    expect(bits).toBeCloseTo(Math.log2(found!.candidates[0]!.probability / found!.pNone), 0);
    const sentences = explain(found!);
    expect(sentences[0]).toMatch(/^The lead came from click c1, placement "site-button", campaign "spring" \(/);
    expect(sentences.find((sentence) => sentence.startsWith('Wrote 40 min after the click'))).toMatch(/; [+−]\d+(\.\d+)?\.$/);
    expect(sentences).toContain(
      'The account is new (fewer than 100 leads with an identifier, less than two days): this rests on what is usual elsewhere.',
    );
  });
});

describe('sureness', () => {
  it.each([
    [0.95, 'certain'],
    [0.9499, 'very_likely'],
    [0.8, 'very_likely'],
    [0.7999, 'likely'],
    [0.5, 'likely'],
    [0.4999, 'unresolved'],
  ] as const)('of %d is %s', (probability, grade) => {
    expect(sureness(lead({ probability }))).toBe(grade);
  });
});
