import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, lostCount } from '../../scripts/demo/judge.ts';
import { people } from '../../scripts/demo/people.ts';
import { play } from '../../scripts/demo/player.ts';
import { startTemporaryStandalone, type TemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';
import { query, settledWarehouse } from '../../scripts/demo/warehouse-view.ts';
import { demoWorkspace } from './demo-workspace.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const workspace = demoWorkspace();

describe('the standalone, from click to row', () => {
  let instance: TemporaryStandalone;
  beforeAll(async () => {
    instance = await startTemporaryStandalone();
  });
  afterAll(async () => {
    await instance.stop();
  });

  it('turns every person of the demo into the right lead, or says that it does not know', async () => {
    const runId = 'e2ea';
    const cast = people(7, 400, runId);
    const since = new Date();
    const ledger = await play({ url: instance.url, workspace, people: cast, concurrency: 8, patienceMs: 20_000, redeliverEvery: 10 });
    const report = judge(
      cast,
      ledger,
      await settledWarehouse({ url: instance.url, workspace: workspace.name, runId, since, sqlToken: '' }, cast, ledger, 15_000),
    );

    expect(report.lost).toEqual({ leads: [], clicks: [], messages: [] });
    expect(report.doubled).toEqual([]);
    expect(report.foundLeads).toBe(report.expectedLeads);
    const identified = [
      'keeps_code',
      'rewords_greeting',
      'retypes_code',
      'second_message',
      'edit_brings_code',
      'caption',
      'writes_before_beacon',
      'sends_emoji',
      'deletes_visible_code',
      'telegram_start',
      'ad_referral',
      'ad_without_click_id',
      'sign',
      'hidden_number',
      'changes_number',
      'writes_again',
      'forwards',
    ];
    for (const behaviour of identified) {
      expect(report.byBehaviour[behaviour], behaviour).toMatchObject({ wrong: 0, unresolved: 0 });
    }
    // An answer by probability may be wrong and says how likely; every other answer is certain and must be right.
    for (const [method, verdict] of Object.entries(report.byMethod)) {
      if (method !== 'probabilistic' && method !== 'none') expect(verdict.wrong, method).toBe(0);
    }
  });

  it('answers a chatbot that asks by contact, takes the goals of a CRM each once, and serves nobody without a token', async () => {
    const cast = people(8, 1, 'e2eb').map((person) => person);
    const tap = cast[0]!;
    expect(tap.leads.length).toBeGreaterThan(0);
    await play({ url: instance.url, workspace, people: cast, concurrency: 1, patienceMs: 20_000, redeliverEvery: 0 });
    const rows = await settled(() =>
      query<{ lead_id: string; platform_user_id: string; account: string }>(
        { url: instance.url, sqlToken: '' },
        `SELECT lead_id, platform_user_id, account FROM messtrack.leads WHERE first_message_id = '${tap.leads[0]!.firstMessageId}'`,
      ),
    );
    const { account, platform_user_id: contact, lead_id: leadId } = rows[0]!;
    const asked = await fetch(`${instance.url}/v1/leads?account=${account}&contact=${contact}&wait=5s`, {
      headers: { authorization: 'Bearer demo-token' },
    });
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain(leadId);
    expect((await fetch(`${instance.url}/v1/leads/${leadId}`)).status).toBe(401);
    expect((await fetch(`${instance.url}/v1/leads/${leadId}`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    // What becomes of the lead comes back from the CRM, which knows the person by their number and sends again what it got no answer to.
    const paid = JSON.stringify({
      account,
      contact,
      id: 'order-1',
      name: 'paid',
      time: new Date().toISOString(),
      value: '129.90',
      currency: 'EUR',
    });
    const report = () =>
      fetch(`${instance.url}/v1/goals`, {
        method: 'POST',
        headers: { authorization: 'Bearer demo-token', 'content-type': 'application/json' },
        body: paid,
      });
    for (const answer of [await report(), await report()]) {
      expect([answer.status, await answer.json()]).toEqual([202, { accepted: ['api/order-1'], lead_id: leadId }]);
    }
    const goals = await settled(() =>
      query<{ name: string; expected_goals: number; expected_value_minor: number }>(
        { url: instance.url, sqlToken: '' },
        `SELECT name, currency, round(sum(expected_goals), 3) AS expected_goals, round(sum(expected_value_minor)) AS expected_value_minor
         FROM messtrack.daily_goals WHERE account = '${account}' AND name = 'paid' GROUP BY name, currency`,
      ),
    );
    expect(goals).toEqual([{ name: 'paid', currency: 'EUR', expected_goals: 1, expected_value_minor: 12_990 }]);
  });

  it('lets analysts read and nobody write', async () => {
    expect(await query({ url: instance.url, sqlToken: '' }, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    for (const statement of [
      'DROP TABLE messtrack.clicks',
      'INSERT INTO messtrack.clicks (click_id) VALUES (1)',
      "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    ]) {
      await expect(query({ url: instance.url, sqlToken: '' }, statement), statement).rejects.toThrow(/\/sql answered [45]/);
    }
    const proxied = await fetch(`${instance.url}/sql?query=SELECT+1`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(proxied.status).toBe(403);
    expect(await proxied.text()).toContain('MESSTRACK_SQL_TOKEN');
  });

  it('shows a page to a person at this machine', async () => {
    const page = await fetch(instance.url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('exact_id');
  });

  it('repeats nothing of an address that nobody answers at: tokens stand in addresses', async () => {
    for (const path of ['/hooks/gupshup/demo/sales-wa/more', '/hooks/%E0%A4%A/demo/sales-wa', `/hooks/${'a'.repeat(200)}/demo/sales-wa`]) {
      const answer = await fetch(`${instance.url}${path}?token=a-secret-token`, { method: 'POST', body: '{}' });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.status, path).toBeLessThan(500);
      expect(await answer.text(), path).not.toContain('a-secret-token');
    }
  });

  it('refuses a second process on its folder and says why', async () => {
    const second = spawn(process.execPath, [join(ROOT, 'services/standalone/src/main.ts')], {
      env: { ...process.env, PORT: '0', MESSTRACK_DATA: instance.folder },
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    second.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    second.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = await once(second, 'close');
    expect(code).toBe(1);
    expect(output).toMatch(/in use by|another process|already/i);
  });
});

describe('the standalone, killed and restarted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'messtrack-kill-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loses nothing and doubles nothing over kill -9 in the middle of traffic, and drains on SIGTERM', async () => {
    const runId = 'e2ec';
    const cast = people(9, 300, runId);
    const since = new Date();
    let instance = await startTemporaryStandalone({ folder });
    const { url } = instance;
    const port = Number(new URL(url).port);
    const killAt = new Set([60, 140, 220]);
    let killing: Promise<void> = Promise.resolve();
    const ledger = await play({
      url,
      workspace,
      people: cast,
      concurrency: 6,
      patienceMs: 60_000,
      redeliverEvery: 10,
      onPerson: (index) => {
        if (!killAt.has(index)) return;
        killing = killing.then(async () => {
          await instance.kill();
          instance = await startTemporaryStandalone({ folder, port });
        });
      },
    });
    await killing;
    const view = { url, workspace: workspace.name, runId, since, sqlToken: '' };
    const report = judge(cast, ledger, await settledWarehouse(view, cast, ledger, 20_000));
    expect(report.lost).toEqual({ leads: [], clicks: [], messages: [] });
    expect(report.doubled).toEqual([]);
    expect(report.byMethod['exact_id']).toMatchObject({ wrong: 0 });
    expect(ledger.repeats).toBeGreaterThan(0);

    await instance.stop();
    instance = await startTemporaryStandalone({ folder, port });
    const again = judge(cast, ledger, await settledWarehouse(view, cast, ledger, 20_000));
    expect(lostCount(again)).toBe(0);
    expect(again.byMethod).toEqual(report.byMethod);
    await instance.stop();
  });
});

describe('npm start', () => {
  it('drains and exits 0 when npm itself gets SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'messtrack-npm-'));
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0', MESSTRACK_DATA: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const ready = Promise.withResolvers<void>();
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('ready on http')) ready.resolve();
    };
    npm.stdout.on('data', listen);
    npm.stderr.on('data', listen);
    const closed = once(npm, 'close');
    await Promise.race([ready.promise, closed.then(() => Promise.reject(new Error(output)))]);
    npm.kill('SIGTERM');
    const [code, signal] = await closed;
    expect({ code, signal }, output).toEqual({ code: 0, signal: null });
    rmSync(folder, { recursive: true, force: true });
  });
});

async function settled<T>(ask: () => Promise<T[]>): Promise<T[]> {
  const giveUpAt = Date.now() + 15_000;
  for (;;) {
    const rows = await ask();
    if (rows.length > 0) return rows;
    if (Date.now() > giveUpAt) throw new Error('no row arrived');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
