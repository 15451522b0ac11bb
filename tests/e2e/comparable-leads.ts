import type { Ledger } from '../../scripts/demo/player.ts';
import { query } from '../../scripts/demo/warehouse-view.ts';

/**
 * Columns that two runs of the same people cannot share: when the request came, where the record landed in the log, and the ids that the
 * server drew by chance. Everything else must be equal, field for field; click ids are compared as "the click of which person".
 */
const OWN_TO_A_RUN = new Set([
  'started_at',
  'clicked_at',
  'decided_at',
  'log_partition',
  'log_offset',
  'observed_at',
  'inserted_at',
  'exported_at',
  // Which other people's clicks happened to be in the window at that moment.
  'candidates_scanned',
  'candidates',
  'evidence',
  'p_none',
  'p_other',
]);

export type ComparableLead = Readonly<Record<string, unknown>>;

/** Leads of one run by the message that started them, with run-specific columns taken out. */
export async function comparableLeads(
  instance: { url: string; sqlToken: string },
  runId: string,
  chats: ReadonlySet<string>,
  ledger: Ledger,
): Promise<Map<string, ComparableLead>> {
  const clickOfCode = new Map([...ledger.codes].map(([click, code]) => [code, click]));
  const clicks = await query<{ code: string; click_id: string }>(instance, 'SELECT code, click_id FROM messtrack.clicks');
  const clickNames = new Map(clicks.map(({ code, click_id }) => [click_id, clickOfCode.get(code) ?? 'a click of nobody in this run']));
  const rows = await query<Record<string, unknown>>(instance, 'SELECT * FROM messtrack.leads');
  const leads = new Map<string, ComparableLead>();
  for (const row of rows) {
    const firstMessageId = String(row['first_message_id']);
    if (!firstMessageId.startsWith(`wamid.${runId}`) && !chats.has(firstMessageId.split(':')[0] ?? '')) continue;
    const comparable = Object.fromEntries(Object.entries(row).filter(([column]) => !OWN_TO_A_RUN.has(column)));
    const click = String(row['click_id']);
    if (click !== '') comparable['click_id'] = clickNames.get(click) ?? 'an unknown click';
    leads.set(firstMessageId, comparable);
  }
  return leads;
}

/** Every difference, one line each; empty when the runs agree. */
export function differences(left: ReadonlyMap<string, ComparableLead>, right: ReadonlyMap<string, ComparableLead>): string[] {
  const lines: string[] = [];
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const a = left.get(id);
    const b = right.get(id);
    if (a === undefined || b === undefined) {
      lines.push(`${id}: only in the ${a === undefined ? 'second' : 'first'} run`);
      continue;
    }
    for (const column of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const x = JSON.stringify(a[column]);
      const y = JSON.stringify(b[column]);
      if (x !== y) lines.push(`${id}.${column}: ${x} / ${y}`);
    }
  }
  return lines;
}
