import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../src/cluster.ts';

const WORKSPACES = fileURLToPath(new URL('../../../examples/workspaces', import.meta.url));

describe('the cluster on one machine', () => {
  let cluster: Cluster;
  let stop = async () => {};
  beforeAll(async () => {
    cluster = await startCluster({ workspacesDir: WORKSPACES, instances: 2 });
    stop = cluster.stop;
  });
  afterAll(() => stop());

  test('runs the four services, two of those that share their work, and all are ready', async () => {
    expect(cluster.members.map(({ name }) => name)).toEqual([
      'exporter',
      'exporter-2',
      'matcher',
      'matcher-2',
      'ingest',
      'messenger-gateway',
    ]);
    for (const member of cluster.members) {
      const response = await fetch(`http://127.0.0.1:${member.adminPort}/readyz`);
      expect([member.name, response.status]).toEqual([member.name, 200]);
    }
  });

  test('one entry reaches each of them', async () => {
    const redirect = await fetch(`${cluster.url}/t/demo/ad-redirect?utm_source=test`, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toMatch(/^https:\/\/(wa\.me|api\.whatsapp\.com)\//);
    const hook = await fetch(`${cluster.url}/hooks/whatsapp/demo/sales-wa`, { method: 'POST', body: '{}' });
    expect(hook.status).toBe(401);
    const lead = await fetch(`${cluster.url}/v1/leads/${'0'.repeat(26)}`, { headers: { authorization: 'Bearer demo-token' } });
    expect(lead.status).toBe(404);
    const goal = await fetch(`${cluster.url}/v1/goals`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-token', 'content-type': 'application/json' },
      body: JSON.stringify({ lead_id: '0'.repeat(26), name: 'paid' }),
    });
    expect([goal.status, await goal.json()]).toMatchObject([404, { error: 'unknown_lead' }]);
    expect(await sql("SELECT count() FROM system.tables WHERE database = 'messtrack' AND name = 'leads'")).toBe('1');
  });

  test('a click ends as a row, and strangers cannot write', async () => {
    const source = `test-${crypto.randomUUID()}`;
    await fetch(`${cluster.url}/t/demo/ad-redirect?utm_campaign=${source}`, { redirect: 'manual' });
    const count = () => sql(`SELECT count() FROM messtrack.clicks WHERE utm_campaign = '${source}'`);
    await expect.poll(count, { timeout: 30_000 }).toBe('1');
    const dropped = await fetch(`${cluster.url}/sql`, { method: 'POST', body: 'DROP TABLE messtrack.clicks' });
    expect(dropped.ok).toBe(false);
    expect(await count()).toBe('1');
  });

  test('a killed member comes back at its ports and goes on', async () => {
    const ingest = cluster.member('ingest');
    await ingest.kill();
    expect(ingest.isRunning()).toBe(false);
    expect((await fetch(`${cluster.url}/t/demo/ad-redirect`, { redirect: 'manual' })).status).toBe(502);
    await ingest.start();
    expect((await fetch(`${cluster.url}/t/demo/ad-redirect`, { redirect: 'manual' })).status).toBe(302);
    expect(await ingest.stop()).toEqual({ code: 0, signal: null });
    await ingest.start();
    expect(() => cluster.member('ingest-2')).toThrow(/no member ingest-2; there are exporter, exporter-2/);
  });

  async function sql(query: string): Promise<string> {
    const response = await fetch(`${cluster.url}/sql`, { method: 'POST', body: query });
    const body = (await response.text()).trim();
    if (!response.ok) throw new Error(body);
    return body;
  }
});

describe('a cluster that cannot start', () => {
  test('says which service and why, and leaves nothing behind', async () => {
    const workspacesDir = await mkdtemp(join(tmpdir(), 'messtrack-broken-'));
    await writeFile(join(workspacesDir, 'broken.yaml'), 'workspace: demo\naccounts: { sales: { channel: pigeon } }\n');
    const before = await processesOf(process.pid);
    await expect(startCluster({ workspacesDir })).rejects.toThrow(/ended while starting:[\s\S]*broken\.yaml/);
    expect(await processesOf(process.pid)).toEqual(before);
    await rm(workspacesDir, { recursive: true });
  });
});

/** Children of a process, by the system's own table. */
function processesOf(parent: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    execFile('ps', ['-A', '-o', 'ppid=,pid=,args='], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      if (error !== null) reject(error);
      const children = stdout.split('\n').filter((line) => line.trim().startsWith(`${parent} `) && !line.includes('ps -A'));
      resolve(children);
    });
  });
}
