import type { ClickHouseClient } from '@clickhouse/client';
import type { PageLead, PageNumbers } from '../domain/lead-page.ts';

/** What the page shows, by three small queries over the latest revisions. */
export async function readPageNumbers(client: ClickHouseClient): Promise<PageNumbers> {
  const [clicks, messages] = await Promise.all([count(client, 'clicks'), count(client, 'messages')]);
  const methods = await rows<{ method: string; leads: string }>(
    client,
    'SELECT method, toString(count()) AS leads FROM leads GROUP BY method ORDER BY count() DESC',
  );
  const latest = await rows<PageLead>(
    client,
    "SELECT formatDateTime(started_at, '%F %T', 'UTC') AS started_at, account, method, utm_source, utm_campaign, placement, probability, state FROM leads AS l ORDER BY l.started_at DESC LIMIT 20",
  );
  return {
    clicks,
    messages,
    leads: methods.reduce((sum, { leads }) => sum + Number(leads), 0),
    methods: methods.map(({ method, leads }) => ({ method, leads: Number(leads) })),
    latest,
  };
}

async function count(client: ClickHouseClient, table: 'clicks' | 'messages'): Promise<number> {
  const [row] = await rows<{ n: string }>(client, `SELECT toString(count()) AS n FROM ${table}`);
  return Number(row?.n ?? 0);
}

async function rows<Row>(client: ClickHouseClient, query: string): Promise<Row[]> {
  const result = await client.query({ query, format: 'JSONEachRow' });
  return result.json<Row>();
}
