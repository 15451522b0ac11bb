import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type BadLine, type HistoryFile, readHistory } from './history.ts';
import { createHistoryFold } from './history-fold.ts';
import { createJoinMemory } from './join-memory.ts';
import { createLeadQueue } from './lead-queue.ts';
import { NOWHERE, type Places } from './places.ts';
import { createDeriver } from './touchpoints.ts';
import { knownAccounts, settingsTouchpoints } from './workspace-file.ts';

/** Workspace of a history that comes without its file; part of every lead id. */
export const NO_WORKSPACE = 'history';

export interface MatchInput {
  readonly clicks: HistoryFile;
  readonly messages: HistoryFile;
  readonly workspace: Workspace | undefined;
  /** Leads whose first message is earlier are learned from and not given out. Milliseconds since the Unix epoch, UTC. */
  readonly trainUntilMs: number | undefined;
  readonly places: Places;
}

export interface MatchListener {
  /** Each lead once, in the state it has when the files end, in the order in which first messages arrived. */
  readonly lead: (lead: Lead) => void;
  readonly bad: (line: BadLine) => void;
}

export interface LineCounts {
  readonly good: number;
  readonly bad: number;
  /** Good lines that stand behind one that arrived later. */
  readonly out_of_order: number;
}

export interface MatchCounts {
  readonly lines: { readonly clicks: LineCounts; readonly messages: LineCounts };
  /** Good lines of both files. */
  readonly events: number;
}

/** Both files through the operator of the live path. Reads as it goes: memory grows with the leads of a month, not with the files. */
export async function matchHistory(input: MatchInput, listener: MatchListener): Promise<MatchCounts> {
  const { workspace, trainUntilMs = Number.NEGATIVE_INFINITY, places } = input;
  const counts = { click: { good: 0, bad: 0, out_of_order: 0 }, message: { good: 0, bad: 0, out_of_order: 0 } };
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
  });

  const memory = createJoinMemory();
  const queue = createLeadQueue(memory, (lead) => {
    if (lead.startedAtMs >= trainUntilMs) listener.lead(lead);
  });
  const fold = createHistoryFold(memory, { revised: queue.revised, hour: queue.settle });
  const deriver = createDeriver(workspace?.name ?? NO_WORKSPACE, workspace === undefined ? new Map() : knownAccounts(workspace));

  let isFirst = true;
  for (const line of lines) {
    if (isFirst && workspace !== undefined) {
      for (const settings of settingsTouchpoints(workspace, line.arrivedAtMs)) fold.feed(settings);
    }
    isFirst = false;
    if (line.kind === 'message') {
      fold.feed(deriver.message(line, fold.nextOffset()));
      continue;
    }
    const found = line.place ?? (line.ip === '' ? NOWHERE : places.lookup(line.ip));
    // Awaited only while a table loads: a promise for every click would take longer than matching it.
    const place = found instanceof Promise ? await found : found;
    fold.feed(deriver.click(line, place, fold.nextOffset()));
  }
  fold.finish();
  queue.close();
  return {
    lines: { clicks: counts.click, messages: counts.message },
    events: counts.click.good + counts.message.good,
  };
}
