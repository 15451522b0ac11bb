import { Channel } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { MessageKind, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import type { LedgerEntry } from '@messtrack/testing/ledger.ts';
import { decodeLead, encodeLead } from '../../src/adapters/lead-codec.ts';
import { openModelDirectory } from '../../src/adapters/model-directory.ts';
import { packing } from '../../src/adapters/packing.ts';
import { decodeTouchpoint } from '../../src/adapters/touchpoint-codec.ts';
import type { Lead } from '../../src/domain/lead.ts';
import type { PlatformModel } from '../../src/domain/model/platform-model.ts';
import { emptyState } from '../../src/domain/state.ts';
import { foldLog } from './fold-harness.ts';
import { PARTITIONS } from './stores.ts';

const HOUR = 3_600_000;
const ACCOUNTS = ['wa-1', 'wa-2', 'wa-3', 'wa-4', 'wa-5'];

/** What stands in a topic: committed records, partition by partition. */
export async function readAll(bus: Bus, topic: string, partitions = PARTITIONS): Promise<readonly BusRecord[]> {
  const all: BusRecord[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const records of bus.read({ topic, partition }, 0)) all.push(...records);
  }
  return all;
}

export async function leadsOf(bus: Bus): Promise<readonly Lead[]> {
  return (await readAll(bus, TOPICS.leads.name)).map(({ value }) => decodeLead(value));
}

/** What stands in leads.v1. */
export async function ledger(bus: Bus): Promise<readonly LedgerEntry[]> {
  return (await readAll(bus, TOPICS.leads.name)).map((record) => {
    const { leadId, revision } = decodeLead(record.value);
    return { id: `${leadId}/${revision}`, key: leadId, value: Buffer.from(record.value).toString('base64') };
  });
}

/** What must stand there: the log as it is, folded here from its beginning under the models that model.v1 holds. */
export async function foldedLog(bus: Bus): Promise<readonly LedgerEntry[]> {
  const models = await modelsOf(bus);
  const expected: LedgerEntry[] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const log: BusRecord[] = [];
    for await (const records of bus.read({ topic: TOPICS.touchpoints.name, partition }, 0)) log.push(...records);
    const decoded = log.flatMap((record) => {
      const outcome = decodeTouchpoint(record);
      return outcome.kind === 'ok' ? [outcome.value] : [];
    });
    const { leads } = await foldLog(decoded, { state: emptyState(partition, packing), model: (version) => models.get(version) });
    for (const lead of leads) {
      expected.push({ id: `${lead.leadId}/${lead.revision}`, key: lead.leadId, value: Buffer.from(encodeLead(lead)).toString('base64') });
    }
  }
  return expected;
}

export async function modelsOf(bus: Bus): Promise<ReadonlyMap<number, PlatformModel>> {
  const directory = openModelDirectory(bus);
  await directory.refresh();
  const models = new Map<number, PlatformModel>();
  for (const { version } of directory.versions()) {
    const found = await directory.find(version);
    if (found.kind === 'found') models.set(version, found.learned.model);
  }
  return models;
}

/** Clicks and messages of many people over ten hours, every seventh message twice, every fifth before its click; `codeless` of them say so. */
export function touchpoints(pairs: number, startMs: number, isCodeless: (index: number) => boolean = () => false): readonly OutRecord[] {
  const records: OutRecord[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const account = ACCOUNTS[index % ACCOUNTS.length]!;
    const atMs = startMs + Math.floor((index / pairs) * 10 * HOUR);
    const id = `${startMs}-${index}`;
    const code = `CODE${(startMs % 1_000_000_007).toString(36)}${String(index).padStart(5, '0')}`.toUpperCase();
    const click = touchpointRecord(account, `click-${id}`, {
      eventTimeMs: atMs,
      observedAtMs: atMs,
      kind: { $case: 'click', value: { clickId: `click-${id}`, code, source: { placement: 'site', utmCampaign: `c${index % 3}` } } },
    });
    const message = messageRecord(
      account,
      `m-${id}`,
      `contact-${startMs}-${index % 211}`,
      atMs + 20_000,
      isCodeless(index) ? undefined : code,
    );
    records.push(...(index % 5 === 0 ? [message, click] : [click, message]), ...(index % 7 === 0 ? [message] : []));
  }
  return records;
}

export function messageRecord(account: string, id: string, contact: string, atMs: number, code?: string): OutRecord {
  return touchpointRecord(account, `wa/1/${id}`, {
    eventTimeMs: atMs,
    observedAtMs: atMs,
    kind: {
      $case: 'message',
      value: {
        messageId: id,
        channel: Channel.CHANNEL_WHATSAPP,
        kind: MessageKind.MESSAGE_KIND_TEXT,
        contact: { keys: contact === '' ? [] : [contact] },
        codes: code === undefined ? [] : [{ code, carrier: 1, intact: true }],
      },
    },
  });
}

export function epochRecord(account: string, atMs: number): OutRecord {
  return touchpointRecord(account, `epoch/acme/${account}/${atMs}`, {
    eventTimeMs: atMs,
    observedAtMs: atMs,
    kind: { $case: 'epoch', value: { workspaceRevision: '1', settings: {} } },
  });
}

function touchpointRecord(account: string, eventId: string, rest: Parameters<typeof Touchpoint.fromPartial>[0]): OutRecord {
  const value = Touchpoint.encode(Touchpoint.fromPartial({ eventId, workspace: 'acme', account, ...rest })).finish();
  return { topic: TOPICS.touchpoints.name, key: `acme/${account}`, value, headers: {} };
}
