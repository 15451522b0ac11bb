/** Two weeks of accounts that do well and accounts that do not, in the tables as the exporter fills them: each trouble is a finding, and health is none. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWarehouse, type Warehouse } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../deploy/clickhouse/migrations', import.meta.url));
const DAY = 86_400_000;
const NOW = Date.now();

interface Day {
  readonly messages: number;
  /** Shares of the messages. */
  readonly coded: number;
  readonly greeted: number;
  readonly hidden?: number;
}

let home: string;
let warehouse: Warehouse;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'messtrack-health-'));
  warehouse = await connectWarehouse({ path: join(home, 'data'), database: 'health' });
  await migrate(warehouse, MIGRATIONS, createLogger('test', 'silent'));
  const good: Day = { messages: 30, coded: 0.8, greeted: 0.9 };
  await messages('healthy', good, good);
  await messages('quiet', good, undefined);
  await messages('stripped', good, { ...good, coded: 0.1 });
  await messages('reworded', good, { ...good, greeted: 0, coded: 0.8 });
  await messages('nameless', good, { ...good, hidden: 0.7 });
  // A bot sees nobody's number: all are without one on every day, and nothing is wrong.
  await messages('bot', { ...good, hidden: 1 }, { ...good, hidden: 1 }, 'telegram');
  await clicks('button', 'healthy', true);
  await clicks('dead-qr', 'healthy', false);
  await statuses('healthy', 40, 2);
  await statuses('stripped', 40, 12);
  await checks('expired', [
    ['token', true, 0, 2],
    ['token', false, 0, 0],
    ['quality', true, 0, 0],
  ]);
  await checks('ending', [['token_expiry', false, NOW + 3 * DAY, 0]]);
  await checks('mended', [
    ['subscription', false, 0, 1],
    ['subscription', true, 0, 0],
  ]);
  await checks('gone', [['subscription', false, 0, 5]]);
  await checks('unlinked', [['device', false, 0, 0]]);
});

afterAll(async () => {
  await warehouse.close();
  await rm(home, { recursive: true });
});

describe('the findings', () => {
  it('name each account or placement in trouble once, with a number and what to do', async () => {
    const found = await select<{ finding: string; account: string; placement: string; value: number; usual: number; advice: string }>(
      'SELECT finding, account, placement, value, usual, advice FROM tracking_findings ORDER BY finding',
    );
    expect(found.map(({ finding, account, placement }) => [finding, placement || account])).toEqual([
      ['clicks_without_messages', 'dead-qr'],
      ['codes_dropped', 'stripped'],
      ['device', 'unlinked'],
      ['greeting_gone', 'reworded'],
      ['messages_fail', 'stripped'],
      ['numbers_hidden', 'nameless'],
      ['silent', 'quiet'],
      ['token', 'expired'],
      ['token_expiry', 'ending'],
    ]);
    expect([2, 3]).toContain(Number(found.at(-1)!.value));
    const by = Object.fromEntries(found.map((row) => [row.finding, row]));
    expect(by['codes_dropped']!.value).toBeLessThan(0.2);
    expect(by['codes_dropped']!.usual).toBeGreaterThan(0.7);
    expect(by['messages_fail']!.value).toBeCloseTo(0.3);
    expect(by['device']!.advice).toContain('QR code');
    for (const { advice } of found) expect(advice).toMatch(/^[A-Z].{40,}\.$/);
  });

  it('of a provider hold for what it last said, and account_checks has all of it', async () => {
    const rows = await select<{ account: string; check: string; is_good: boolean }>(
      'SELECT account, check, is_good FROM account_checks ORDER BY account, check',
    );
    expect(rows.map(({ account, check, is_good }) => [account, check, is_good])).toEqual([
      ['ending', 'token_expiry', false],
      ['expired', 'quality', true],
      ['expired', 'token', false],
      ['gone', 'subscription', false],
      ['mended', 'subscription', true],
      ['unlinked', 'device', false],
    ]);
  });

  it('rest on shares per account and per placement', async () => {
    const [account] = await select<{ messages: number | string; kept_share: number }>(
      "SELECT messages, kept_share FROM account_health WHERE account = 'healthy' ORDER BY day LIMIT 1",
    );
    expect(Number(account!.messages)).toBe(30);
    expect(account!.kept_share).toBeGreaterThan(0.7);
    const placements = await select<{ placement: string; returned: number }>(
      'SELECT placement, sum(returned_clicks) / sum(coded_clicks) AS returned FROM placement_health GROUP BY placement ORDER BY placement',
    );
    expect(placements.map(({ placement, returned }) => [placement, returned > 0])).toEqual([
      ['button', true],
      ['dead-qr', false],
    ]);
  });
});

async function select<T>(query: string): Promise<T[]> {
  return (await warehouse.client.query({ query, format: 'JSONEachRow' })).json<T>();
}

async function insert(table: string, values: readonly object[]): Promise<void> {
  await warehouse.client.insert({ table, values, format: 'JSONEachRow' });
}

/** A fortnight of ordinary days, then the last day. */
async function messages(account: string, usual: Day, last: Day | undefined, channel = 'whatsapp'): Promise<void> {
  const rows: object[] = [];
  const add = (day: Day, daysAgo: number) => {
    for (let i = 0; i < day.messages; i += 1) {
      const share = (i + 0.5) / day.messages;
      const at = NOW - daysAgo * DAY - 1_000 * i;
      const isHidden = share < (day.hidden ?? 0);
      rows.push({
        workspace: 'acme',
        account,
        message_id: `${account}-${daysAgo}-${i}`,
        event_id: `${account}-${daysAgo}-${i}`,
        channel,
        kind: 'text',
        sent_at: at,
        observed_at: at,
        contact: `${account}-${daysAgo}-${i}`,
        platform_user_id: isHidden ? 'US.1' : '',
        phone_country: isHidden ? '' : 'US',
        codes: share < day.coded ? [`code-${account}-${daysAgo}-${i}`] : [],
        code_carriers: share < day.coded ? ['visible'] : [],
        code_intact: share < day.coded ? [true] : [],
        greeting_placement: share < day.greeted ? 'button' : '',
      });
    }
  };
  for (let daysAgo = 2; daysAgo <= 14; daysAgo += 1) add(usual, daysAgo);
  if (last !== undefined) add(last, 0);
  await insert('message_records', rows);
}

async function clicks(placement: string, account: string, comesBack: boolean): Promise<void> {
  const rows = [0, 3].flatMap((daysAgo) =>
    Array.from({ length: 40 }, (_, i) => ({
      workspace: 'acme',
      account,
      placement,
      click_id: `${placement}-${daysAgo}-${i}`,
      event_id: `${placement}-${daysAgo}-${i}`,
      code: comesBack && i < 10 ? `code-${account}-${daysAgo}-${i}` : `lost-${placement}-${daysAgo}-${i}`,
      clicked_at: NOW - daysAgo * DAY - 60_000,
      observed_at: NOW - daysAgo * DAY - 60_000,
    })),
  );
  await insert('click_records', rows);
}

type Check = readonly [check: string, isGood: boolean, value: number, daysAgo: number];

async function checks(account: string, said: readonly Check[]): Promise<void> {
  const rows = said.map(([check, is_good, value, daysAgo], index) => ({
    workspace: 'acme',
    account,
    event_id: `check/${account}/${index}`,
    check,
    is_good,
    value,
    checked_at: NOW - daysAgo * DAY - 1_000,
  }));
  await insert('account_check_records', rows);
}

async function statuses(account: string, count: number, failed: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => ({
    workspace: 'acme',
    account,
    message_id: `out-${i}`,
    event_id: `${account}-out-${i}`,
    status: i < failed ? 'failed' : 'delivered',
    happened_at: NOW - 60_000,
    observed_at: NOW - 60_000,
  }));
  await insert('message_status_records', rows);
}
