import { setTimeout as delay } from 'node:timers/promises';
import type { Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord, Producer } from '@messtrack/runtime/bus.ts';
import { BusUnavailableError } from '@messtrack/runtime/bus.ts';
import { createOutageLog } from '@messtrack/runtime/outage-log.ts';
import type { Account } from './accounts/account-kinds.ts';
import { WIRE_CHANNELS } from './accounts/wire-channel.ts';
import type { RegistryLog } from './registry.ts';
import type { Workspace, WorkspaceRegistry } from './workspace.ts';

const RETRY_DELAY_MS = 1_000;
/** Accounts named in one line of the log: an agency has thousands, and all of them are announced at a start. */
const MAX_NAMED = 20;

/**
 * One Epoch touchpoint per account whose settings are not announced yet; they tell the matcher, inside the log, what is in force from
 * here on. `alreadyAnnounced` maps "{workspace}/{account}" to the revision announced last; the caller notes new ones once they are durable.
 */
export function epochRecords(
  workspaces: Iterable<Workspace>,
  alreadyAnnounced: ReadonlyMap<string, string>,
  nowMs: number,
): readonly OutRecord[] {
  const records: OutRecord[] = [];
  for (const workspace of workspaces) {
    for (const account of workspace.accounts.values()) {
      const key = `${workspace.name}/${account.name}`;
      if (alreadyAnnounced.get(key) !== workspace.revision) records.push(epochRecord(workspace, account, key, nowMs));
    }
  }
  return records;
}

function epochRecord(workspace: Workspace, account: Account, key: string, nowMs: number): OutRecord {
  // The time is part of the id: settings that come back after a change are a new happening.
  const eventId = `epoch/${key}/${workspace.revision}/${nowMs}`;
  const value = Touchpoint.encode(
    Touchpoint.fromPartial({
      eventId,
      workspace: workspace.name,
      account: account.name,
      eventTimeMs: nowMs,
      observedAtMs: nowMs,
      kind: {
        $case: 'epoch',
        value: {
          workspaceRevision: workspace.revision,
          modelVersion: 0,
          settings: {
            clickWindowMs: workspace.matching.clickWindowMs,
            returningWindowMs: workspace.matching.returningWindowMs,
            dedicatedSource: dedicatedSource(workspace, account),
            channel: WIRE_CHANNELS[account.channel],
            internalContactKeys: [...(workspace.internal.contacts[account.channel] ?? [])],
          },
        },
      },
    }),
  ).finish();
  return { topic: TOPICS.touchpoints.name, key, value, headers: encodeHeaders({ eventId, type: 'Touchpoint.epoch', producedAtMs: nowMs }) };
}

function dedicatedSource(workspace: Workspace, account: Account): Source | undefined {
  const placement = account.dedicatedTo === undefined ? undefined : workspace.placements.get(account.dedicatedTo);
  if (placement === undefined) return undefined;
  return {
    utmSource: placement.source.utm_source ?? '',
    utmMedium: placement.source.utm_medium ?? '',
    utmCampaign: placement.source.utm_campaign ?? '',
    utmContent: placement.source.utm_content ?? '',
    utmTerm: placement.source.utm_term ?? '',
    referrerHost: '',
    adId: '',
    clickIds: {},
    placement: placement.name,
  };
}

export interface EpochAnnouncer {
  /** Ends announcing; waits for a send in progress. */
  close(): Promise<void>;
}

/**
 * Announces every account now and, at each reload, those that changed. Resolves when the first announcement is durable, rejects with
 * `BusUnavailableError` when the log cannot take it; a service accepts no traffic before. A later announcement is tried until it is
 * durable, the newest settings first.
 */
export async function announceEpochs(
  registry: WorkspaceRegistry,
  producer: Producer,
  now: () => number,
  log: RegistryLog,
): Promise<EpochAnnouncer> {
  const announced = new Map<string, string>();
  const stop = new AbortController();
  const outage = createOutageLog(log, { away: 'changed settings wait for the log', back: 'changed settings are announced' });

  async function announce(): Promise<void> {
    const workspaces = registry.current();
    const records = epochRecords(workspaces.values(), announced, now());
    if (records.length === 0) return;
    await producer.send(records);
    for (const workspace of workspaces.values()) {
      for (const account of workspace.accounts.keys()) announced.set(`${workspace.name}/${account}`, workspace.revision);
    }
    const named = records.slice(0, MAX_NAMED).map(({ key }) => key);
    log.info({ count: records.length, accounts: named }, 'settings announced');
  }

  async function announceUntilDurable(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await announce();
        return outage.recovered();
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) throw error;
        outage.failed(error);
        await delay(RETRY_DELAY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  }

  await announce();
  let running: Promise<void> = Promise.resolve();
  registry.onChange(() => {
    // Left unhandled on purpose when it is no BusUnavailableError: an unknown error ends the process.
    running = running.then(announceUntilDurable);
  });
  // A reload during the first send is announced now.
  await announce();

  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}
