import type { ClickHouseClient } from '@clickhouse/client';
import { decodeLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import type { Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { z } from 'zod';
import { createDifferenceTally } from './differences.ts';
import type { Models } from './models.ts';
import { createReplayFold, type ReplayFold } from './replay-fold.ts';
import type { ChangedLead, ReplayResult } from './replay-log.ts';
import type { Stretch } from './stretch.ts';
import { LEAD_COLUMNS, leadOfRow } from './warehouse-leads.ts';
import { CLICK_COLUMNS, clickTouchpoint, MESSAGE_COLUMNS, messageTouchpoint, type RowTouchpoint } from './warehouse-rows.ts';

export interface WarehouseReplay {
  readonly client: ClickHouseClient;
  readonly models: Models;
  /** The warehouse does not tell which model was in force when. */
  readonly version: number;
  /** Times only: the warehouse does not know the log's offsets of clicks and messages. */
  readonly stretch: Pick<Stretch, 'fromMs' | 'toMs'>;
  readonly workspace: string | undefined;
  readonly account: string | undefined;
  /** In force from the first row on, and said to be so: the warehouse has no settings. */
  readonly settings: readonly Touchpoint[];
}

const DAY_MS = 86_400_000;
/** Leads of a stretch depend on what came before; the usual returning window, and six half-lives of what is learned about rates. */
const WARM_UP_MS = 90 * DAY_MS;
/** A lead can be changed for 30 days. */
const SETTLED_MS = 31 * DAY_MS;

/**
 * Folds clicks and messages of the warehouse as one partition, in the order in which they were received, and compares answers. What the
 * warehouse does not hold and the fold would need is listed in docs/operations.md (Replay): it says about how a model does on old data, not
 * whether a log replays to the byte.
 */
export async function replayWarehouse(replay: WarehouseReplay): Promise<ReplayResult> {
  const { client, models, version, stretch, workspace, account, settings } = replay;
  const fold = createReplayFold({ partition: 0, models, choice: { kind: 'named', version }, isWanted: () => true });
  const bounds = { fromMs: stretch.fromMs - WARM_UP_MS, toMs: stretch.toMs + SETTLED_MS, workspace, account };
  const rows = byReceipt(
    touchpointsOf(client, { ...bounds, table: 'clicks', columns: CLICK_COLUMNS, read: clickTouchpoint }),
    touchpointsOf(client, { ...bounds, table: 'messages', columns: MESSAGE_COLUMNS, read: messageTouchpoint }),
  );
  const endMs = await newestDecision(client, replay);
  let offset = 0;
  for await (const { observedAtMs, value } of rows) {
    if (offset === 0)
      for (const each of settings) fold.feedTouchpoint({ ...each, offset: offset++, observedAtMs, eventTimeMs: observedAtMs });
    offset = passTime(fold, offset, observedAtMs);
    fold.feed({ offset: offset++, value, timestampMs: observedAtMs });
  }
  // Leads that stand as provisional are compared as such.
  passTime(fold, offset, endMs);

  const tally = createDifferenceTally();
  const changed: ChangedLead[] = [];
  const replayed = new Map(fold.leads());
  let notCompared = 0;
  for await (const before of standingLeads(client, { workspace, account, ...stretch })) {
    const bytes = replayed.get(before.leadId);
    replayed.delete(before.leadId);
    if (before.method === 'correction') {
      notCompared += 1;
      continue;
    }
    const after = bytes === undefined ? undefined : leadIn(bytes);
    if (tally.add({ before, after }) === 'changed' && after !== undefined) changed.push({ before, after });
  }
  for (const bytes of replayed.values()) {
    const after = leadIn(bytes);
    if (after.startedAtMs >= stretch.fromMs && after.startedAtMs < stretch.toMs) tally.add({ before: undefined, after });
  }
  return {
    differences: tally.result(),
    partitions: [],
    beginsAtMs: 0,
    records: fold.counts.records,
    folded: fold.counts.folded,
    unreadable: fold.counts.unreadable,
    replayedCorrections: 0,
    unknownModels: [],
    before_log: 0,
    compacted: 0,
    corrected_outside: notCompared,
    changed,
    holdersOf: () => new Map(),
  };
}

/** The owner of a quiet partition appends a tick when a lead is due: so does this, and no lead is decided later than live. */
function passTime(fold: ReplayFold, offset: number, untilMs: number): number {
  let next = offset;
  for (;;) {
    const dueAtMs = fold.dueAtMs();
    if (dueAtMs === undefined || dueAtMs > untilMs) return next;
    const atMs = Math.max(dueAtMs, fold.clockMs());
    fold.feedTouchpoint({ kind: 'tick', offset: next, workspace: '', account: '', eventTimeMs: atMs, observedAtMs: atMs, atMs });
    next += 1;
  }
}

/** Up to here time had passed for the leads that stand. */
async function newestDecision(client: ClickHouseClient, asked: WarehouseReplay): Promise<number> {
  const { where, params } = conditions(asked, 'started_at', asked.stretch.fromMs, asked.stretch.toMs);
  for await (const row of rowsOf(client, `SELECT toUnixTimestamp64Milli(max(decided_at)) AS at_ms FROM leads ${where}`, params)) {
    return newestRow.parse(row).at_ms;
  }
  return 0;
}

const newestRow = z.object({ at_ms: z.number() });

interface Reading {
  readonly table: 'clicks' | 'messages';
  readonly columns: string;
  readonly read: (row: unknown) => RowTouchpoint;
  readonly fromMs: number;
  readonly toMs: number;
  readonly workspace: string | undefined;
  readonly account: string | undefined;
}

async function* touchpointsOf(client: ClickHouseClient, reading: Reading): AsyncGenerator<RowTouchpoint> {
  const { table, columns, read, fromMs, toMs } = reading;
  const { where, params } = conditions(reading, 'observed_at', fromMs, toMs);
  // Rows received in one millisecond have no order in the warehouse; the event id gives them one that is the same every time.
  for await (const row of rowsOf(client, `SELECT ${columns} FROM ${table} ${where} ORDER BY observed_at, event_id`, params))
    yield read(row);
}

async function* standingLeads(
  client: ClickHouseClient,
  asked: Pick<WarehouseReplay, 'workspace' | 'account'> & Pick<Stretch, 'fromMs' | 'toMs'>,
): AsyncGenerator<Lead> {
  const { where, params } = conditions(asked, 'started_at', asked.fromMs, asked.toMs);
  for await (const row of rowsOf(client, `SELECT ${LEAD_COLUMNS} FROM leads ${where}`, params)) yield leadOfRow(row);
}

function conditions(asked: Pick<Reading, 'workspace' | 'account'>, time: string, fromMs: number, toMs: number) {
  const params: Record<string, string | number> = {};
  const all: string[] = [];
  for (const name of ['workspace', 'account'] as const) {
    const value = asked[name];
    if (value === undefined) continue;
    params[name] = value;
    all.push(`${name} = {${name}:String}`);
  }
  for (const [name, valueMs, sign] of [
    ['from', fromMs, '>='],
    ['to', toMs, '<'],
  ] as const) {
    if (!Number.isFinite(valueMs)) continue;
    params[name] = Math.floor(valueMs);
    all.push(`${time} ${sign} fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
  }
  return { where: all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`, params };
}

async function* rowsOf(
  client: ClickHouseClient,
  query: string,
  params: Readonly<Record<string, string | number>>,
): AsyncGenerator<unknown> {
  const result = await client.query({
    query,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  for await (const rows of result.stream()) for (const row of rows) yield row.json();
}

/** Two streams as one by time of receipt; of the same millisecond the click goes first: it is never later than the message it led to. */
async function* byReceipt(clicks: AsyncIterable<RowTouchpoint>, messages: AsyncIterable<RowTouchpoint>): AsyncGenerator<RowTouchpoint> {
  const left = clicks[Symbol.asyncIterator]();
  const right = messages[Symbol.asyncIterator]();
  let a = await left.next();
  let b = await right.next();
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.observedAtMs <= b.value.observedAtMs)) {
      yield a.value;
      a = await left.next();
    } else {
      yield b.value;
      b = await right.next();
    }
  }
}

function leadIn(bytes: string): Lead {
  return decodeLead(Buffer.from(bytes, 'latin1'));
}
