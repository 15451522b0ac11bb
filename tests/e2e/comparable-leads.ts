import type { Ledger } from '../../scripts/demo/player.ts';
import { query } from '../../scripts/demo/warehouse-view.ts';

/**
 * When the requests came and where their records landed in the log: what two runs of the same people cannot share,
 * and how often a lead was revised on the way to its answer: a click that a killed process left in its spool comes after its message in one run
 * and before it in the other, and the same answer takes two steps or one.
 */
const OWN_TO_A_RUN = new Set(['revision', 'started_at', 'clicked_at', 'candidate_clicked_at', 'decided_at', 'log_partition', 'log_offset']);

/**
 * Answers without identifier. What they say hangs on the second in which everybody else clicked and wrote, and two runs never go equally fast: such
 * a lead is compared in everything but its answer. That the same log gives the same answer, to the byte, is what replays prove (scripts/test/replay-equality.test.ts).
 */
const BY_PROBABILITY: ReadonlySet<unknown> = new Set(['probabilistic', 'unresolved', 'none']);
const ANSWER =
  /^(method|resolved_to|click_id|has_source|source_kind$|utm_|referrer_host|ad_id|ad_click_ids|placement|candidate_|candidates_|share_|evidence_|p_none$|p_other$|probability$)/;

/**
 * Where the messenger names the ad, the source is certain and the click of it is picked by probability: what is said of that click
 * hangs on the same seconds. Its delay stands among the evidence, which a lead that brought a code never has.
 */
const PICKED_CLICK = /^(click_id$|candidate_|candidates_|share_|evidence_|p_none$|p_other$|probability$)/;

export type ComparableLead = Readonly<Record<string, unknown>>;

/**
 * Leads of one run by the message that started them. Ids that the server drew by chance are replaced by what they stand for: the click of
 * a person by that person's name for it, a code in the evidence by the word CODE.
 */
export async function comparableLeads(
  instance: { url: string; sqlToken: string },
  runId: string,
  chats: ReadonlySet<string>,
  ledger: Ledger,
): Promise<Map<string, ComparableLead>> {
  const clickOfCode = new Map([...ledger.codes].map(([click, code]) => [code, click]));
  const clicks = await query<{ code: string; click_id: string }>(instance, 'SELECT code, click_id FROM messtrack.clicks');
  const clickNames = new Map(clicks.map(({ code, click_id }) => [click_id, clickOfCode.get(code) ?? 'a click of nobody in this run']));
  const nameOf = (clickId: unknown): string => clickNames.get(String(clickId)) ?? 'an unknown click';
  const rows = await query<Record<string, unknown>>(instance, 'SELECT * FROM messtrack.leads');
  const leads = new Map<string, ComparableLead>();
  for (const row of rows) {
    const firstMessageId = String(row['first_message_id']);
    if (!firstMessageId.startsWith(`wamid.${runId}`) && !chats.has(firstMessageId.split(':')[0] ?? '')) continue;
    const isIdentified = !BY_PROBABILITY.has(row['method']);
    const isPicked = isIdentified && list(row['evidence_terms']).includes('delay');
    const own = isPicked ? PICKED_CLICK : ANSWER;
    const comparable: Record<string, unknown> = { isIdentified, isPicked };
    for (const [column, value] of Object.entries(row)) {
      if (OWN_TO_A_RUN.has(column) || ((!isIdentified || isPicked) && own.test(column))) continue;
      comparable[column] = value;
    }
    if (isIdentified && !isPicked) {
      if (row['click_id'] !== '') comparable['click_id'] = nameOf(row['click_id']);
      comparable['candidate_click_ids'] = list(row['candidate_click_ids']).map(nameOf);
      comparable['evidence_words'] = list(row['evidence_words']).map((words) =>
        String(words)
          // Whatever carried it, and with a symbol more or less where it came with a slip.
          .replaceAll(/\b[0-9A-Z]{9,11}\b/g, 'CODE')
          .replace(/of a click .*?([;]|$)/, 'of a click$1'),
      );
    }
    leads.set(firstMessageId, comparable);
  }
  return leads;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('the column is no array');
  return value;
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
