import * as fc from 'fast-check';
import { SOURCE_KINDS } from '../../src/adapters/source-codec.ts';
import type { Candidate, EvidenceTerm, Lead, SourceShare } from '../../src/domain/lead.ts';
import type { Source } from '../../src/domain/source.ts';
import { T0 } from './log-builder.ts';

/** Texts as they come, and as nobody would send them. */
export const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('', 'google', 'placement-3', 'en', 'ä€💥', '\uFEFFmark', '__proto__', '7') },
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);
/** Milliseconds since the Unix epoch, some of them impossible. */
export const time = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: T0 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, T0 + 10 * 86_400_000, 2 ** 53 - 1, -(2 ** 53 - 1)) },
);
export const small = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 16 }) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128, 2 ** 31 - 1) },
);

export const source: fc.Arbitrary<Source> = fc.record({
  utmSource: text,
  utmMedium: text,
  utmCampaign: text,
  utmContent: text,
  utmTerm: text,
  referrerHost: text,
  adId: text,
  // An object has no property of this name, so no record that was read has it.
  clickIds: fc
    .dictionary(
      text.filter((each) => each !== '__proto__'),
      text,
      { maxKeys: 3 },
    )
    .map((pairs) => Object.entries(pairs)),
  placement: text,
  kind: fc.constantFrom(...SOURCE_KINDS),
});
const share = fc.integer({ min: 0, max: 10_000 }).map((units) => units / 10_000);
const bits = fc.integer({ min: -5_000, max: 5_000 }).map((units) => units / 100);
export const lead: fc.Arbitrary<Lead> = fc
  .record({
    source: fc.option(source, { nil: undefined }),
    other: source,
    rest: fc.record({
      leadId: text,
      revision: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      state: fc.constantFrom('provisional' as const, 'final' as const, 'corrected' as const),
      workspace: text,
      account: text,
      channel: fc.constantFrom('whatsapp' as const, 'telegram' as const, 'unknown' as const),
      contact: text,
      platformUserId: text,
      phone: text,
      firstMessageId: text,
      startedAtMs: time,
      method: fc.constantFrom('hidden_id' as const, 'exact_id' as const, 'correction' as const),
      resolvedTo: fc.constantFrom('click' as const, 'source' as const, 'none' as const),
      clickId: text,
      clickedAtMs: time,
      probability: share,
      pNone: share,
      pOther: share,
      candidatesScanned: small,
      carrier: fc.constantFrom('none' as const, 'visible' as const, 'start_payload' as const),
      modelVersion: small,
      decidedAtMs: time,
      partition: small,
      offset: fc.nat(),
      late: fc.boolean(),
      workspaceRevision: text,
      warming: fc.boolean(),
    }),
    candidates: fc.array(fc.record({ clickId: text, probability: share, clickedAtMs: time, isOwn: fc.boolean() }), { maxLength: 17 }),
    shares: fc.array(fc.record({ share, from: fc.constantFrom('own' as const, 'other' as const, 'none' as const) }), { maxLength: 3 }),
    evidence: fc.array(fc.record({ term: text, winnerBits: bits, runnerUpBits: bits, words: text }), { maxLength: 3 }),
  })
  .map(({ source: own, other, rest, candidates, shares, evidence }): Lead => {
    const of = (isOwn: boolean): Source => (isOwn && own !== undefined ? own : other);
    return {
      ...rest,
      source: own,
      candidates: candidates.map(({ isOwn, ...candidate }): Candidate => ({ ...candidate, source: of(isOwn) })),
      sourceShares: shares.map(
        ({ share: part, from }): SourceShare => ({ share: part, source: from === 'none' ? undefined : of(from === 'own') }),
      ),
      evidence: evidence satisfies EvidenceTerm[],
    };
  });
