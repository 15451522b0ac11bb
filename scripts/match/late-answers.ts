import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { emptyMatching } from '@messtrack/matcher/domain/account-matching.ts';
import { REACH_MS } from '@messtrack/matcher/domain/click-store.ts';
import { leadKey } from '@messtrack/matcher/domain/entries.ts';
import { fold } from '@messtrack/matcher/domain/fold.ts';
import { isRowSix, type Lead, type ReplayedAnswer } from '@messtrack/matcher/domain/lead.ts';
import { FINAL_AFTER_MS } from '@messtrack/matcher/domain/lead-book.ts';
import { copyAccount } from '@messtrack/matcher/domain/model/account-statistics.ts';
import { noEffects } from '@messtrack/matcher/domain/scope.ts';
import { accountOf, addAccount, emptyState, type PartitionState } from '@messtrack/matcher/domain/state.ts';
import { type CorrectionTouchpoint, decisionTimeMs, type MessageTouchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { createJoinMemory, type JoinMemory } from './join-memory.ts';
import { createRecentLog, type Recent, type RecentLog } from './recent-log.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The fold keeps clicks for three days. A message that is later than this finds a part of those it may have come from gone. */
const LOST_AFTER_MS = REACH_MS - 24 * HOUR_MS;
/** A lead this near to a late message may hold a click that is the late one's: it is answered again with it, from all the clicks that it has. */
const PEERS_MS = REACH_MS;
/** A click that a lead has by less is not worth another revision of those who share it. */
const SHARED = 0.05;
/** Webhooks are tried again for a week. */
const LATEST_MS = 8 * DAY_MS;

/** An answer to be folded as a correction: all but its place in the log. */
export type LateCorrection = Omit<CorrectionTouchpoint, 'offset' | 'observedAtMs' | 'eventTimeMs'>;

export interface LateAnswers {
  /** Every click and message, after it was folded; `started` is the lead that it started. */
  passed(touchpoint: Recent, started: Lead | undefined): void;
  /** What is owed since the last time. The models are those of now, and nothing is changed in `state`. */
  settle(state: PartitionState): readonly LateCorrection[];
}

/**
 * A message without identifier that comes days late is matched by the same function over the log: the stretch around its time is folded
 * again with the message in its place, and the answer goes into the log as a correction, as a replay's does; so do those of leads that hold the
 * same clicks, or two leads would be told with certainty that they are of one click. Late messages of one account and hour share a stretch,
 * so an outage of days costs one.
 */
export function createLateAnswers(memory: JoinMemory): LateAnswers {
  const recent = createRecentLog(LATEST_MS + REACH_MS + PEERS_MS);
  let owed = new Map<string, MessageTouchpoint[]>();
  return {
    passed(touchpoint, started) {
      recent.remember(touchpoint);
      if (touchpoint.kind !== 'message' || started === undefined || !isRowSix(started.method)) return;
      const lateMs = touchpoint.observedAtMs - touchpoint.eventTimeMs;
      if (lateMs < LOST_AFTER_MS || lateMs > LATEST_MS) return;
      const ofAccount = owed.get(touchpoint.account);
      if (ofAccount === undefined) owed.set(touchpoint.account, [touchpoint]);
      else ofAccount.push(touchpoint);
    },
    settle(state) {
      if (owed.size === 0) return [];
      const corrections = [...owed.values()].flatMap((messages) => answer(messages, recent, state, memory));
      owed = new Map();
      return corrections;
    },
  };
}

function answer(
  late: readonly MessageTouchpoint[],
  recent: RecentLog,
  state: PartitionState,
  memory: JoinMemory,
): readonly LateCorrection[] {
  const messages = late.toSorted((a, b) => a.eventTimeMs - b.eventTimeMs);
  const { workspace, account } = messages[0]!;
  const peersFromMs = messages[0]!.eventTimeMs - PEERS_MS;
  const toMs = messages.at(-1)!.eventTimeMs + PEERS_MS + FINAL_AFTER_MS;
  const stretch = inPlace(recent.happened(account, peersFromMs - REACH_MS, toMs, state.clockMs));
  const leads = new Map<string, Lead>();
  for (const lead of foldAgain(stretch, workspace, account, toMs, state)) leads.set(lead.leadId, lead);

  const messageOf = (lead: Lead) =>
    messages.find((each) => each.messageId === lead.firstMessageId && each.contactKeys.includes(lead.contact));
  const saidOf = (lead: Lead) => {
    const said = memory.lead(leadKey(workspace, lead.leadId));
    return said !== undefined && said.startedAtMs >= peersFromMs ? said : undefined;
  };
  const peers = peersOf([...leads.values()], (lead) => messageOf(lead) !== undefined, saidOf);
  return peers.flatMap((lead) => {
    const replayed = replayedAnswer(lead);
    if (replayed === undefined) return [];
    const message = messageOf(lead);
    const correctedBy = message === undefined ? 'a message that arrived days late may have come from the same click' : latenessOf(message);
    return [{ kind: 'correction', workspace, account, leadId: lead.leadId, clickId: '', source: undefined, correctedBy, replayed }];
  });
}

/**
 * The late ones and whoever was said to share a click with them; where one of these wins a click instead, whoever was said to have that one
 * too. A peer that is pushed from one click to another would else stand on it beside the lead that had it.
 */
function peersOf(leads: readonly Lead[], isLate: (lead: Lead) => boolean, saidOf: (lead: Lead) => Lead | undefined): readonly Lead[] {
  const peers = new Set(leads.filter(isLate));
  const claimed = new Set([...peers].flatMap(clicksOf));
  const others = leads.filter((lead) => !peers.has(lead)).map((lead) => ({ lead, said: saidOf(lead) }));
  for (let known = -1; known < peers.size; ) {
    known = peers.size;
    for (const { lead, said } of others) {
      if (said === undefined || peers.has(lead) || !clicksOf(said).some((click) => claimed.has(click))) continue;
      peers.add(lead);
      for (const { clickId, probability } of lead.candidates) if (probability > 0.5) claimed.add(clickId);
    }
  }
  return [...peers];
}

function latenessOf({ observedAtMs, eventTimeMs }: MessageTouchpoint): string {
  return `its message arrived ${Math.round((observedAtMs - eventTimeMs) / DAY_MS)} d late`;
}

function clicksOf({ candidates }: Lead): readonly string[] {
  return candidates.filter(({ probability }) => probability >= SHARED).map(({ clickId }) => clickId);
}

/**
 * Those that came too late for their hour stand as if they had come in time, among the others. What one contact wrote keeps its order of
 * arrival: its lead is named by the message that arrived first, and another first message would be another lead, whose answer corrects nothing.
 */
function inPlace(happened: readonly Recent[]): readonly Recent[] {
  const lastOf = new Map<string, number>();
  const placed = happened.map((touchpoint) => {
    if (touchpoint.kind !== 'message') return touchpoint;
    const contact = touchpoint.contactKeys[0]!;
    const inTimeMs = isTooLate(touchpoint) ? decisionTimeMs(touchpoint) : touchpoint.observedAtMs;
    const observedAtMs = Math.max(inTimeMs, lastOf.get(contact) ?? 0);
    lastOf.set(contact, observedAtMs);
    return { ...touchpoint, observedAtMs };
  });
  return placed.toSorted((a, b) => a.observedAtMs - b.observedAtMs);
}

/** Nobody who wrote in the same hour could be weighed against it while they were open. */
function isTooLate(message: MessageTouchpoint): boolean {
  return message.observedAtMs - decisionTimeMs(message) > FINAL_AFTER_MS;
}

/** Every revision of every lead of the stretch, under the models in force. */
function foldAgain(
  touchpoints: Iterable<Recent>,
  workspace: string,
  account: string,
  untilMs: number,
  { platform, byName }: PartitionState,
): readonly Lead[] {
  const scratch = emptyState(0, packing);
  scratch.platform = platform;
  const known = byName.get(workspace)?.get(account);
  if (known !== undefined) {
    const { learned, basis, variants } = known.matching;
    // A model is made from what an account has learned, which this must not add to.
    const matching = { ...emptyMatching(), learned: copyAccount(learned), basis, variants };
    addAccount(scratch, { ...accountOf(emptyState(0, packing), workspace, account), settings: known.settings, matching });
  }
  const memory = createJoinMemory();
  const tools = { leadId: leadIdOf, model: () => undefined };
  const effects = noEffects();
  let offset = 0;
  for (const touchpoint of touchpoints) {
    fold(scratch, { ...touchpoint, offset }, memory, tools, effects);
    effects.writes.length = 0;
    offset += 1;
  }
  const tick = { kind: 'tick', offset, workspace: '', account: '', eventTimeMs: untilMs, observedAtMs: untilMs, atMs: untilMs } as const;
  fold(scratch, tick, memory, tools, effects);
  return effects.leads;
}

function replayedAnswer(lead: Lead): ReplayedAnswer | undefined {
  const { method, resolvedTo, clickId, clickedAtMs, source, probability, pNone, pOther, modelVersion } = lead;
  if (!isRowSix(method)) return undefined;
  const { candidates, sourceShares, evidence, candidatesScanned } = lead;
  const named = { method, resolvedTo, clickId, clickedAtMs, source, probability, pNone, pOther, modelVersion };
  return { ...named, candidates, sourceShares, evidence, candidatesScanned };
}
