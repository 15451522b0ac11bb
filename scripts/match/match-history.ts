import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { type CodeLoss, codeLoss } from '@messtrack/matcher/domain/model/code-loss.ts';
import type { TestedQuestion } from '@messtrack/matcher/domain/scope.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type Addresses, whereaboutsOf } from './addresses.ts';
import { type BadLine, type HistoryFile, readHistory } from './history.ts';
import { createHistoryFold, type HistoryFold } from './history-fold.ts';
import { createJoinMemory } from './join-memory.ts';
import { createLeadQueue } from './lead-queue.ts';
import { NO_WORKSPACE } from './setting.ts';
import { createDeriver } from './touchpoints.ts';
import { settingOf, settingsTouchpoints } from './workspace-file.ts';

export interface MatchInput {
  readonly clicks: HistoryFile;
  readonly messages: HistoryFile;
  readonly workspace: Workspace | undefined;
  /** Leads whose first message is earlier are learned from and not given out. Milliseconds since the Unix epoch, UTC. */
  readonly trainUntilMs: number | undefined;
  readonly addresses: Addresses;
}

export interface MatchListener {
  /** Each lead once, in the state it has when the files end, in the order in which first messages arrived. */
  readonly lead: (lead: Lead) => void;
  readonly bad: (line: BadLine) => void;
  /** What the model said of an identified message as if it had no identifier; of messages from `trainUntilMs` on. */
  readonly tested: (answer: TestedQuestion) => void;
}

export interface LineCounts {
  readonly good: number;
  readonly bad: number;
  /** Good lines that stand behind one that arrived later. */
  readonly out_of_order: number;
  /** Of those, how many stood too far behind to be put right, and were taken for late. */
  readonly left_behind: number;
}

export interface MatchCounts {
  readonly lines: { readonly clicks: LineCounts; readonly messages: LineCounts };
  /** Good lines of both files. */
  readonly events: number;
  /** Of the last model. */
  readonly model_version: number;
  /** By the last model: how often leads lose their code, by device of the click. */
  readonly code_loss: readonly CodeLoss[];
  /** Messages also asked about with the clicks moved in time, so that none can be right, and those where one got p ≥ .8; from `trainUntilMs` on. */
  readonly decoys: { readonly messages: number; readonly confident: number };
  /** Messengers whose clock was found to be off (seconds ahead; negative: behind), by another amount than before, or right again (0). */
  readonly clock_skew: readonly { readonly account: string; readonly found_at: string; readonly seconds_ahead: number }[];
}

/** Both files through the operator of the live path. Reads as it goes: memory grows with the leads of a month, not with the files. */
export async function matchHistory(input: MatchInput, listener: MatchListener): Promise<MatchCounts> {
  const { workspace, trainUntilMs = Number.NEGATIVE_INFINITY, addresses } = input;
  const counts = { click: noLines(), message: noLines() };
  const lines = readHistory(input.clicks, input.messages, {
    bad: (kind, line) => {
      counts[kind].bad += 1;
      listener.bad(line);
    },
    read: (kind) => {
      counts[kind].good += 1;
    },
    disorder: (kind) => {
      counts[kind].out_of_order += 1;
    },
    left: (kind) => {
      counts[kind].left_behind += 1;
    },
  });

  const memory = createJoinMemory();
  const queue = createLeadQueue(memory, (lead) => {
    if (lead.startedAtMs >= trainUntilMs) listener.lead(lead);
  });
  const fold = createHistoryFold(memory, {
    revised: queue.revised,
    hour: queue.settle,
    tested: (answer) => {
      if (answer.atMs >= trainUntilMs) listener.tested(answer);
    },
  });
  const deriver = createDeriver(workspace === undefined ? NO_WORKSPACE : settingOf(workspace));

  let before: Decoys | undefined;
  let isFirst = true;
  for (const line of lines) {
    if (isFirst && workspace !== undefined) announce(workspace, line.arrivedAtMs, fold);
    isFirst = false;
    if (before === undefined && line.arrivedAtMs >= trainUntilMs) before = decoysOf(fold);
    if (line.kind === 'message') {
      fold.feed(deriver.message(line, fold.arrive(line.arrivedAtMs)));
      continue;
    }
    const where = whereaboutsOf(line, addresses);
    // Awaited only while a table loads: a promise for every click would take longer than matching it.
    const known = where instanceof Promise ? await where : where;
    fold.feed(deriver.click(line, known, fold.arrive(line.arrivedAtMs)));
  }
  fold.finish();
  queue.close();
  const decoys = decoysOf(fold);
  const learned = before ?? decoys;
  return {
    lines: { clicks: counts.click, messages: counts.message },
    events: counts.click.good + counts.message.good,
    model_version: fold.model().version,
    code_loss: codeLoss(fold.model()),
    decoys: { messages: decoys.messages - learned.messages, confident: decoys.confident - learned.confident },
    clock_skew: fold.skews().map(({ account, atMs, offsetMs }) => ({
      account,
      found_at: new Date(atMs).toISOString(),
      seconds_ahead: offsetMs / 1_000,
    })),
  };
}

function noLines() {
  return { good: 0, bad: 0, out_of_order: 0, left_behind: 0 };
}

type Decoys = MatchCounts['decoys'];

function decoysOf(fold: HistoryFold): Decoys {
  const { decoyMessages, decoyConfident } = fold.counted();
  return { messages: decoyMessages, confident: decoyConfident };
}

/** The workspace's settings are in force from the first line on. */
function announce(workspace: Workspace, atMs: number, fold: HistoryFold): void {
  for (const settings of settingsTouchpoints(workspace, atMs)) fold.feed({ ...settings, ...fold.arrive(atMs) });
}
