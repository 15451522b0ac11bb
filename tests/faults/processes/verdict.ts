/** What the warehouse and the log say at the end, held against what was acknowledged. Counts hide a loss behind a double; these are compared by id. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Lead } from '@messtrack/proto/gen/messtrack/v1/lead.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { judge, lostCount } from '../../../scripts/demo/judge.ts';
import { query, settledWarehouse } from '../../../scripts/demo/warehouse-view.ts';
import type { Played } from './load.ts';

export interface Books {
  readonly people: number;
  readonly requests: number;
  /** Requests that were refused or got no answer, and were sent again. */
  readonly repeats: number;
  readonly acknowledgedClicks: number;
  readonly acknowledgedMessages: number;
  readonly expectedLeads: number;
  readonly lost: { readonly leads: readonly string[]; readonly clicks: readonly string[]; readonly messages: readonly string[] };
  /** Leads nobody started, or that stand twice. */
  readonly doubled: readonly string[];
  /** Leads of people who kept their code that name another click. */
  readonly wrongByCode: number;
  /** Revisions of leads in leads.v1 and in the warehouse, by (lead, revision). */
  readonly revisions: {
    readonly inLog: number;
    readonly inWarehouse: number;
    readonly missing: readonly string[];
    readonly unexpected: readonly string[];
    /** Records of leads.v1 that repeat another one's lead and revision. */
    readonly repeated: readonly string[];
  };
}

export interface BooksOptions {
  /** Whose `/sql` is the warehouse. */
  readonly url: string;
  readonly workspace: string;
  readonly runId: string;
  readonly since: Date;
  /** How long nothing may move before what is missing counts as lost. Milliseconds. */
  readonly stallMs: number;
}

/** Reads until everything acknowledged is there, or nothing moves any more. */
export async function balance(options: BooksOptions, { people, ledger }: Played, readLeads: () => Promise<LeadsInLog>): Promise<Books> {
  const warehouse = await settledWarehouse({ ...options, sqlToken: '' }, people, ledger, options.stallMs);
  const report = judge(people, ledger, warehouse);
  const revisions = await sameRevisions(options, readLeads);
  return {
    people: people.length,
    requests: ledger.requests,
    repeats: ledger.repeats,
    acknowledgedClicks: ledger.acknowledgedClicks.size,
    acknowledgedMessages: ledger.acknowledgedMessages.size,
    expectedLeads: report.expectedLeads,
    lost: report.lost,
    doubled: report.doubled,
    wrongByCode: (report.byBehaviour['keeps_code']?.wrong ?? 0) + (report.byBehaviour['telegram_start']?.wrong ?? 0),
    revisions,
  };
}

export function claimsOf(books: Books): Readonly<Record<string, boolean>> {
  const { leads, clicks, messages } = books.lost;
  return {
    'people played': books.people > 0 && books.acknowledgedClicks > 0,
    'every acknowledged click is a row': clicks.length === 0,
    'every acknowledged message is a row': messages.length === 0,
    'every conversation is a lead': leads.length === 0,
    'no lead twice, none of nobody': books.doubled.length === 0,
    'a code that arrived names its click': books.wrongByCode === 0,
    'the warehouse has the revisions of leads.v1, each once':
      books.revisions.missing.length === 0 && books.revisions.unexpected.length === 0,
    'leads.v1 says no revision twice': books.revisions.repeated.length === 0,
  };
}

export interface LeadsInLog {
  readonly revisions: ReadonlySet<string>;
  readonly repeated: readonly string[];
}

/** Every revision that leads.v1 still holds, with the leads it belongs to. */
export async function leadsOf(bus: Pick<Bus, 'offsets' | 'read'>): Promise<LeadsInLog> {
  const revisions = new Set<string>();
  const repeated: string[] = [];
  for (const { topic, partition, first } of await bus.offsets(TOPICS.leads.name)) {
    for await (const batch of bus.read({ topic, partition }, first)) {
      for (const { value } of batch) {
        if (value.length === 0) continue;
        const { leadId, revision } = Lead.decode(value);
        const id = `${leadId}/${revision}`;
        if (revisions.has(id)) repeated.push(id);
        revisions.add(id);
      }
    }
  }
  return { revisions, repeated };
}

/** Leads are still revised while one looks: looked at again until both say the same, as long as something moves. */
async function sameRevisions(options: BooksOptions, readLeads: () => Promise<LeadsInLog>): Promise<Books['revisions']> {
  let last = '';
  let movedAt = performance.now();
  for (;;) {
    const inLog = await readLeads();
    const rows = await query<{ id: string }>(
      { url: options.url, sqlToken: '' },
      "SELECT DISTINCT concat(lead_id, '/', toString(revision)) AS id FROM messtrack.lead_revisions",
    );
    const inWarehouse = new Set(rows.map(({ id }) => id));
    const missing = [...inLog.revisions].filter((id) => !inWarehouse.has(id));
    const unexpected = [...inWarehouse].filter((id) => !inLog.revisions.has(id));
    const result = {
      inLog: inLog.revisions.size,
      inWarehouse: inWarehouse.size,
      missing,
      // What compaction has taken from the log stays in the warehouse; nothing is that old here.
      unexpected,
      repeated: inLog.repeated,
    };
    if (missing.length === 0 && unexpected.length === 0) return result;
    const seen = `${result.inLog} ${result.inWarehouse} ${missing.length}`;
    if (seen !== last) {
      last = seen;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > options.stallMs) return result;
    await sleep(250);
  }
}

/** The first of each list, for the result file. */
export function shortened(books: Books): Books {
  const few = (list: readonly string[]) => list.slice(0, 20);
  const { lost, revisions } = books;
  return {
    ...books,
    lost: { leads: few(lost.leads), clicks: few(lost.clicks), messages: few(lost.messages) },
    doubled: few(books.doubled),
    revisions: { ...revisions, missing: few(revisions.missing), unexpected: few(revisions.unexpected), repeated: few(revisions.repeated) },
  };
}

export function lostOf(books: Books): number {
  return lostCount({ ...books, foundLeads: 0, byMethod: {}, byBehaviour: {} });
}
