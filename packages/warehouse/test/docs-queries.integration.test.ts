/** Every query that a page shows, on the tables as the migrations make them: a column that was renamed, or a view that went, fails here and not at an analyst's desk. */
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWarehouse, type Warehouse } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NOW = Date.now();

const queries = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].flatMap((page) =>
  queriesOf(readFileSync(join(ROOT, page), 'utf8')).map((query, index) => ({ page, query, name: `${page}, query ${index + 1}` })),
);

let home: string;
let warehouse: Warehouse;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'messtrack-queries-'));
  warehouse = await connectWarehouse({ path: join(home, 'data'), database: 'messtrack' });
  await migrate(warehouse, join(ROOT, 'deploy/clickhouse/migrations'), createLogger('test', 'silent'));
  await insert('lead_revisions', [
    // Of two ads of one campaign, either with .5: the campaign has it for certain.
    leadRow('a', [
      ['spring', 'ad-1', 0.5],
      ['spring', 'ad-2', 0.5],
    ]),
    // By chance of one campaign or of nobody's click.
    leadRow('b', [
      ['spring', 'ad-1', 0.8],
      ['', '', 0.2],
    ]),
  ]);
  await insert('click_records', [clickRow('A', 'ios'), clickRow('B', 'ios'), { ...clickRow('C', 'ios'), carriers: ['visible'] }]);
  await insert('message_records', [messageRow('A', 'invisible'), messageRow('B', 'visible'), messageRow('C', 'visible')]);
});

afterAll(async () => {
  await warehouse.close();
  await rm(home, { recursive: true });
});

describe('queries in docs', () => {
  it('are found', () => expect(queries.length).toBeGreaterThan(4));

  it.each(queries)('$name is one that the warehouse answers', async ({ query }) => {
    await expect(rows(query)).resolves.toBeInstanceOf(Array);
  });

  it('of docs/warehouse.md counts a lead once, however many shares of one campaign it has', async () => {
    const found = await rows(only('docs/warehouse.md'));
    expect(found.map((row) => ({ ...row, plus_minus: Number(Number(row['plus_minus']).toFixed(3)) }))).toEqual([
      { has_source: true, utm_campaign: 'spring', leads: 1.8, plus_minus: 0.784 },
      { has_source: false, utm_campaign: '', leads: 0.2, plus_minus: 0.784 },
    ]);
    const daily = await rows(
      'SELECT has_source, expected_leads AS leads, round(leads_uncertainty, 3) AS uncertainty, certain_leads AS certain FROM daily_leads ORDER BY leads DESC',
    );
    expect(daily.map((row) => ({ ...row, certain: Number(row['certain']) }))).toEqual([
      { has_source: true, leads: 1.8, uncertainty: 0.4, certain: 1 },
      { has_source: false, leads: 0.2, uncertainty: 0.4, certain: 0 },
    ]);
  });

  it('of docs/tracking-codes.md counts what came of clicks that were given both carriers', async () => {
    const [row, ...others] = await rows(only('docs/tracking-codes.md'));
    expect(others).toEqual([]);
    expect([row?.['c.device'], Number(row?.['invisible']), Number(row?.['only_visible'])]).toEqual(['ios', 1, 1]);
  });
});

function queriesOf(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, query = '']) => query);
  const asked = [...markdown.matchAll(/\/sql\?query=([^'"\s]+)/g)].map(([, query = '']) => decodeURIComponent(query.replaceAll('+', ' ')));
  return [...blocks, ...asked];
}

function only(page: string): string {
  const [query = '', ...others] = queries.filter((each) => each.page === page).map((each) => each.query);
  expect(others).toEqual([]);
  return query;
}

async function rows(query: string): Promise<Record<string, unknown>[]> {
  return (await warehouse.client.query({ query, format: 'JSONEachRow' })).json();
}

async function insert(table: string, values: readonly object[]): Promise<void> {
  await warehouse.client.insert({ table, values, format: 'JSONEachRow' });
}

function leadRow(id: string, shares: readonly (readonly [campaign: string, ad: string, share: number])[]): object {
  const empty = shares.map(() => '');
  return {
    workspace: 'acme',
    lead_id: id,
    revision: 1,
    account: 'sales-wa',
    started_at: NOW,
    share_probabilities: shares.map(([, , share]) => share),
    share_has_source: shares.map(([campaign]) => campaign !== ''),
    share_utm_campaigns: shares.map(([campaign]) => campaign),
    share_ad_ids: shares.map(([, ad]) => ad),
    share_utm_sources: empty,
    share_utm_mediums: empty,
    share_utm_contents: empty,
    share_utm_terms: empty,
    share_referrer_hosts: empty,
    share_placements: empty,
    share_source_kinds: empty,
  };
}

function clickRow(code: string, device: string): object {
  return {
    workspace: 'acme',
    account: 'sales-wa',
    click_id: `click-${code}`,
    event_id: `click/${code}`,
    code,
    carriers: ['invisible', 'visible'],
    device,
    clicked_at: NOW,
    observed_at: NOW,
  };
}

function messageRow(code: string, carrier: string): object {
  return {
    workspace: 'acme',
    account: 'sales-wa',
    message_id: `message-${code}`,
    event_id: `message/${code}`,
    kind: 'text',
    codes: [code],
    code_carriers: [carrier],
    code_intact: [true],
    sent_at: NOW,
    observed_at: NOW,
  };
}
