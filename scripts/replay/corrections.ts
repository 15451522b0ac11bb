import { createHash } from 'node:crypto';
import { fromReplayedAnswer, toReplayedAnswer } from '@messtrack/matcher/adapters/replayed-answer-codec.ts';
import { isRowSix, type Lead, type ReplayedAnswer } from '@messtrack/matcher/domain/lead.ts';
import { CORRECTABLE_MS } from '@messtrack/matcher/domain/lead-book.ts';
import { Correction, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import type { ModelChoice } from './replay-fold.ts';
import type { ChangedLead, ReplayResult } from './replay-log.ts';

/** Why a changed lead is not corrected. */
export type LeftOut =
  /** An identifier, a correction from outside, the account or the contact decided, here or there: a posterior replaces only a posterior. */
  | 'not_by_probability'
  /** Not final yet: the model in force decides it once more. */
  | 'open'
  /** More than 30 days after its start the fold takes no correction. */
  | 'too_late'
  /** Less sure than --at-least. */
  | 'unsure'
  /** So soon after a log's lost beginning that what the account had learned by then is missing. */
  | 'near_lost_beginning'
  /** It would take a click from a lead that keeps it. */
  | 'click_taken'
  /** The log holds this very correction; the matcher has not come to it yet. */
  | 'already_written';

export interface PlannedCorrections {
  readonly records: readonly OutRecord[];
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
}

export interface CorrectionPlan {
  readonly result: ReplayResult;
  readonly choice: ModelChoice;
  readonly atLeast: number;
  readonly nowMs: number;
  /** Event ids of corrections behind the replayed stretch. */
  readonly written: ReadonlySet<string>;
}

/** Rates are learned with a half-life of 14 days: after thirty, little is left of what the log has lost. */
const LEARNED_ANEW_MS = 30 * 86_400_000;

/** What --apply may write: answers of row 6 in place of answers of row 6, each click for one lead. */
export function planCorrections({ result, choice, atLeast, nowMs, written }: CorrectionPlan): PlannedCorrections {
  const leftOut: Partial<Record<LeftOut, number>> = {};
  const leaveOut = (reason: LeftOut): void => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  let kept: readonly ChangedLead[] = result.changed.filter(({ before, after }) => {
    const reason = reasonAgainst(before, after, { result, atLeast, nowMs });
    if (reason !== undefined) leaveOut(reason);
    return reason === undefined;
  });
  // Leaving one out may keep a click from another.
  for (;;) {
    const free = withoutTaken(kept, result);
    for (let left = kept.length - free.length; left > 0; left -= 1) leaveOut('click_taken');
    if (free.length === kept.length) break;
    kept = free;
  }
  const records: OutRecord[] = [];
  for (const { before, after } of kept) {
    const record = correctionRecord(before, after, byWhom(choice), nowMs);
    if (written.has(record.headers['event-id'] ?? '')) leaveOut('already_written');
    else records.push(record);
  }
  return { records, leftOut };
}

function reasonAgainst(
  before: Lead,
  after: Lead,
  { result, atLeast, nowMs }: Pick<CorrectionPlan, 'result' | 'atLeast' | 'nowMs'>,
): LeftOut | undefined {
  if (!isRowSix(before.method) || !isRowSix(after.method)) return 'not_by_probability';
  if (before.state === 'provisional' || after.state === 'provisional') return 'open';
  if (nowMs > before.startedAtMs + CORRECTABLE_MS) return 'too_late';
  if (after.probability < atLeast) return 'unsure';
  if (result.beginsAtMs > 0 && before.startedAtMs < result.beginsAtMs + LEARNED_ANEW_MS) return 'near_lost_beginning';
  return undefined;
}

function withoutTaken(kept: readonly ChangedLead[], { holdersOf }: ReplayResult): readonly ChangedLead[] {
  const corrected = new Set(kept.map(({ before }) => before.leadId));
  const holders = holdersOf(new Set(kept.flatMap(({ after }) => (after.clickId === '' ? [] : [after.clickId]))));
  return kept.filter(({ after }) => (holders.get(after.clickId) ?? []).every((leadId) => leadId === after.leadId || corrected.has(leadId)));
}

function byWhom(choice: ModelChoice): string {
  return choice.kind === 'log' ? "replay of the log's models" : `replay model ${choice.version}`;
}

function correctionRecord(before: Lead, after: Lead, correctedBy: string, nowMs: number): OutRecord {
  const { leadId, workspace, account, partition } = before;
  const correction: Correction = { leadId, correctedBy, ...fromReplayedAnswer(replayedAnswer(after)) };
  // The live fold would put it on the dead-letter topic: then the fault is here.
  if (toReplayedAnswer(correction) === 'contradictory') throw new Error(`the replayed answer of lead ${leadId} contradicts itself`);
  const digest = createHash('sha256').update(Correction.encode(correction).finish()).digest('hex').slice(0, 16);
  const eventId = `correction/${leadId}/${digest}`;
  const touchpoint = Touchpoint.fromPartial({
    eventId,
    workspace,
    account,
    eventTimeMs: nowMs,
    observedAtMs: nowMs,
    kind: { $case: 'correction', value: correction },
  });
  return {
    topic: TOPICS.touchpoints.name,
    // Where the lead lives, whatever the key would say.
    partition,
    key: `${workspace}/${account}`,
    value: Touchpoint.encode(touchpoint).finish(),
    headers: encodeHeaders({ eventId, type: 'Touchpoint.correction', producedAtMs: nowMs }),
  };
}

function replayedAnswer(lead: Lead): ReplayedAnswer {
  const { method, resolvedTo, clickId, clickedAtMs, source, probability, pNone, pOther, modelVersion } = lead;
  const { candidates, sourceShares, evidence, candidatesScanned } = lead;
  if (!isRowSix(method)) throw new Error('only an answer of row 6 is written as a correction');
  const answer = { method, resolvedTo, clickId, clickedAtMs, source, probability, pNone, pOther, modelVersion };
  return { ...answer, candidates, sourceShares, evidence, candidatesScanned };
}

/** Event ids of corrections that the log holds behind the replayed stretch: written, and not folded by the matcher yet. */
export async function correctionsBehind(bus: Bus, { partitions }: Pick<ReplayResult, 'partitions'>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const topic = TOPICS.touchpoints.name;
  for (const { partition, end } of partitions) {
    for await (const records of bus.read({ topic, partition }, end)) {
      for (const { headers } of records) if (headers['type'] === 'Touchpoint.correction') found.add(headers['event-id'] ?? '');
    }
  }
  return found;
}

const RECORDS_PER_SEND = 1_000;

/** In batches, so that neither a broker nor LMDB has to take them all at once; a crash in between leaves whole corrections, and the next run the rest. */
export async function writeCorrections(bus: Bus, records: readonly OutRecord[]): Promise<void> {
  const producer = await bus.producer();
  try {
    for (let at = 0; at < records.length; at += RECORDS_PER_SEND) await producer.send(records.slice(at, at + RECORDS_PER_SEND));
  } finally {
    await producer.close();
  }
}
