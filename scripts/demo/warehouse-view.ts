import { DemoError } from './demo-error.ts';
import type { LeadRow, Warehouse } from './judge.ts';
import type { Person } from './people.ts';
import type { Ledger } from './player.ts';

export interface ViewOptions {
  readonly url: string;
  readonly workspace: string;
  readonly runId: string;
  readonly since: Date;
  /** Sent as the ClickHouse password; empty for an instance on this machine. */
  readonly sqlToken: string;
}

/** Rows of this run, read over the ClickHouse HTTP interface as an analyst would. */
export async function readWarehouse(options: ViewOptions, people: readonly Person[]): Promise<Warehouse> {
  const chats = new Set(
    people.flatMap((person) => person.steps.flatMap((step) => (step.do === 'telegram' ? [String(step.contact.id)] : []))),
  );
  const ours = (messageId: string): boolean => messageId.startsWith(`wamid.${options.runId}`) || chats.has(messageId.split(':')[0] ?? '');
  // An hour of slack: rows are filtered by id below, the time only bounds the scan.
  const since = new Date(options.since.getTime() - 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const where = `workspace = '${options.workspace}'`;
  const leads = await query<LeadRow>(
    options,
    `SELECT lead_id, account, first_message_id, method, resolved_to, click_id, placement, ad_id, probability FROM messtrack.leads WHERE ${where} AND started_at >= toDateTime64('${since}', 3, 'UTC')`,
  );
  const clicks = await query<{ code: string; click_id: string }>(
    options,
    `SELECT code, click_id FROM messtrack.clicks WHERE ${where} AND clicked_at >= toDateTime64('${since}', 3, 'UTC')`,
  );
  const messages = await query<{ message_id: string }>(
    options,
    `SELECT DISTINCT message_id FROM messtrack.messages WHERE ${where} AND sent_at >= toDateTime64('${since}', 3, 'UTC')`,
  );
  return {
    leads: leads.filter((lead) => ours(lead.first_message_id)),
    clickIds: new Map(clicks.map((click) => [click.code, click.click_id])),
    messageIds: new Set(messages.map((message) => message.message_id).filter(ours)),
  };
}

/** Waits until everything acknowledged has arrived, or until nothing has moved for `stallMs`: what is missing then is lost. */
export async function settledWarehouse(
  options: ViewOptions,
  people: readonly Person[],
  ledger: Ledger,
  stallMs: number,
): Promise<Warehouse> {
  const expectedLeads = people.reduce((sum, person) => sum + person.leads.length, 0);
  let best = -1;
  let movedAt = performance.now();
  for (;;) {
    const warehouse = await readWarehouse(options, people);
    const arrived = [...ledger.acknowledgedClicks].filter((code) => warehouse.clickIds.has(code)).length;
    const total = warehouse.leads.length + arrived + warehouse.messageIds.size;
    const expected = expectedLeads + ledger.acknowledgedClicks.size + ledger.acknowledgedMessages.size;
    if (total >= expected) return warehouse;
    if (total > best) {
      best = total;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > stallMs) {
      return warehouse;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export async function query<Row>(options: { url: string; sqlToken: string }, sql: string): Promise<Row[]> {
  const answer = await fetch(`${options.url}/sql?default_format=JSONEachRow`, {
    method: 'POST',
    headers: options.sqlToken === '' ? {} : { 'x-clickhouse-user': 'default', 'x-clickhouse-key': options.sqlToken },
    body: sql,
  });
  const text = await answer.text();
  if (!answer.ok) throw new DemoError(`/sql answered ${answer.status}: ${text.slice(0, 500)}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}
