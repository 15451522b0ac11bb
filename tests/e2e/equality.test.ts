import { startCluster } from '@messtrack/testing/cluster.ts';
import { describe, expect, it } from 'vitest';
import { judge } from '../../scripts/demo/judge.ts';
import { type Person, people } from '../../scripts/demo/people.ts';
import { type Ledger, play } from '../../scripts/demo/player.ts';
import { startTemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';
import { settledWarehouse } from '../../scripts/demo/warehouse-view.ts';
import { expectGrpcAnswers } from './cluster-grpc.ts';
import { type ComparableLead, comparableLeads, differences } from './comparable-leads.ts';
import { demoWorkspace, WORKSPACES } from './demo-workspace.ts';

const workspace = demoWorkspace();
const RUN = 'equal';
/** About 5,000 events: clicks, messages, edits, number changes and redeliveries. */
const CAST = people(11, 2_300, RUN);
const CHATS = new Set(CAST.flatMap(({ steps }) => steps.flatMap((step) => (step.do === 'telegram' ? [String(step.contact.id)] : []))));
const FAULTS = [400, 1_100, 1_800];

describe('the standalone and the cluster', () => {
  it('give the same leads, field for field, over thousands of events with processes killed in between', async () => {
    const embedded = await runStandalone();
    const clustered = await runCluster();
    expect(embedded.leads.size).toBe(CAST.reduce((sum, person) => sum + person.leads.length, 0));
    expect(differences(embedded.leads, clustered.leads).slice(0, 20)).toEqual([]);
  }, 900_000);
});

async function runStandalone(): Promise<{ leads: Map<string, ComparableLead> }> {
  let instance = await startTemporaryStandalone();
  const { url, folder } = instance;
  const port = Number(new URL(url).port);
  let faults: Promise<void> = Promise.resolve();
  try {
    return {
      leads: await run(
        url,
        '',
        async (index) => {
          if (FAULTS.includes(index)) {
            faults = faults.then(async () => {
              await instance.kill();
              instance = await startTemporaryStandalone({ folder, port });
            });
          }
        },
        () => faults,
      ),
    };
  } finally {
    await faults;
    await instance.stop();
  }
}

async function runCluster(): Promise<{ leads: Map<string, ComparableLead> }> {
  const cluster = await startCluster({ workspacesDir: WORKSPACES });
  try {
    let faults: Promise<void> = Promise.resolve();
    const victims = ['matcher', 'exporter', 'messenger-gateway'] as const;
    const leads = await run(
      cluster.url,
      '',
      async (index) => {
        const at = FAULTS.indexOf(index);
        if (at >= 0)
          faults = faults.then(async () => {
            const member = cluster.member(victims[at]!);
            await member.kill();
            await member.start();
          });
      },
      () => faults,
    );
    const told = [...leads.values()].find((lead) => lead['method'] === 'exact_id' && lead['platform_user_id'] !== '');
    if (told === undefined) throw new Error('no lead with a code in the cluster');
    await expectGrpcAnswers(cluster, {
      leadId: String(told['lead_id']),
      account: String(told['account']),
      contact: String(told['platform_user_id']),
    });
    return { leads };
  } finally {
    await cluster.stop();
  }
}

async function run(
  url: string,
  sqlToken: string,
  onPerson: (index: number) => Promise<void>,
  settle: () => Promise<void>,
): Promise<Map<string, ComparableLead>> {
  const since = new Date();
  const ledger: Ledger = await play({
    url,
    workspace,
    people: CAST as Person[],
    concurrency: 8,
    patienceMs: 120_000,
    redeliverEvery: 25,
    onPerson,
  });
  await settle();
  const view = { url, workspace: workspace.name, runId: RUN, since, sqlToken };
  const report = judge(CAST, ledger, await settledWarehouse(view, CAST, ledger, 60_000));
  expect(report.lost).toEqual({ leads: [], clicks: [], messages: [] });
  expect(report.doubled).toEqual([]);
  return comparableLeads({ url, sqlToken }, RUN, CHATS, ledger);
}
