/** Goals that Meta detects, in the tables as the exporter fills them, and the leads they happened to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { expect, it } from 'vitest';
import { connectWarehouse } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../deploy/clickhouse/migrations', import.meta.url));
const NOW = 1_790_000_000_000;

it('a detected goal is told once, with the lead of its ad or of its message', async () => {
  const home = await mkdtemp(join(tmpdir(), 'messtrack-automatic-'));
  const warehouse = await connectWarehouse({ path: join(home, 'data'), database: 'automatic' });
  try {
    await migrate(warehouse, MIGRATIONS, createLogger('test', 'silent'));
    const insert = (table: string, values: readonly object[]) => warehouse.client.insert({ table, values, format: 'JSONEachRow' });
    const lead = (lead_id: string, account: string, first_message_id: string, startedAt: number, clid: string) => ({
      workspace: 'acme',
      account,
      lead_id,
      revision: 1,
      first_message_id,
      started_at: startedAt,
      decided_at: startedAt,
      ad_click_ids: clid === '' ? {} : { ctwa_clid: clid },
    });
    await insert('lead_revisions', [
      lead('first', 'wa', 'wamid.1', NOW, 'clid-1'),
      lead('again', 'wa', 'wamid.9', NOW + 9_000, 'clid-1'),
      lead('plain', 'wa', 'wamid.2', NOW, ''),
      lead('elsewhere', 'other', 'wamid.3', NOW, 'clid-3'),
    ]);
    const event = (message_id: string, name: string, ctwa_clid: string) => ({
      workspace: 'acme',
      account: 'wa',
      event_id: `wa/1/${message_id}/${name}`,
      message_id,
      channel: 'whatsapp',
      name,
      ctwa_clid,
      value_minor: name === 'Purchase' ? 15_050 : 0,
      currency: name === 'Purchase' ? 'USD' : '',
      happened_at: NOW,
      observed_at: NOW,
    });
    const events = [
      event('wamid.5', 'LeadSubmitted', 'clid-1'),
      event('wamid.5', 'Purchase', 'clid-1'),
      event('wamid.2', 'LeadSubmitted', ''),
      event('wamid.3', 'LeadSubmitted', 'clid-3'),
    ];
    await insert('automatic_event_records', events);
    await insert(
      'automatic_event_records',
      events.map((each) => ({ ...each, observed_at: NOW + 1_000 })),
    );
    const answer = await warehouse.client.query({
      query: 'SELECT message_id, name, value_minor, currency, lead_id FROM automatic_events ORDER BY message_id, name',
      format: 'JSONEachRow',
    });
    const rows = await answer.json<{ message_id: string; name: string; value_minor: number | string; currency: string; lead_id: string }>();
    expect(
      rows.map(({ message_id, name, value_minor, currency, lead_id }) => [message_id, name, Number(value_minor), currency, lead_id]),
    ).toEqual([
      ['wamid.2', 'LeadSubmitted', 0, '', 'plain'],
      ['wamid.3', 'LeadSubmitted', 0, '', ''],
      ['wamid.5', 'LeadSubmitted', 0, '', 'first'],
      ['wamid.5', 'Purchase', 15_050, 'USD', 'first'],
    ]);
  } finally {
    await warehouse.close();
    await rm(home, { recursive: true });
  }
});
