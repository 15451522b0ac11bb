/**
 * What the matcher's state takes: bytes of heap per open lead and per contact as they are held, and as objects or typed arrays they would be; and
 * how fast a snapshot is written and read. No flags.
 */
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { decodeState, encodeState } from '@messtrack/matcher/adapters/state-codec.ts';
import type { BatchMemory } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Packed } from '@messtrack/matcher/domain/packing.ts';
import { sizesOf } from '@messtrack/matcher/domain/snapshot-policy.ts';
import type { AccountState, PartitionState } from '@messtrack/matcher/domain/state.ts';
import { createOperatorFold } from './matcher/operator-fold.ts';
import { createTraffic } from './matcher/traffic.ts';
import { medianRate, type Sample, writeResult } from './result.ts';

const ACCOUNTS = 50;
/** Everybody who clicks writes within an hour, so that no lead becomes final. */
const TRAFFIC = { accounts: ACCOUNTS, clicksPerAccountHour: 8_000, writeShare: 1, botShare: 0, lostShare: 0.05, organicShare: 0.1 };
const TOUCHPOINTS = 400_000;
const BATCH = 2_000;
const RUNS = 5;
const CHUNK_BYTES = 512 * 1_024;
/** The join store is another process's memory, and this one finds nothing there. */
const elsewhere: BatchMemory = { get: () => null, learn: () => undefined, wrote: () => undefined };

const parameters: Record<string, number | string> = { touchpoints: TOUCHPOINTS, accounts: ACCOUNTS };
const samples: Sample[] = [];

const state = folded();
const accounts = [...state.accounts.values()];
const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
const contacts = accounts.reduce((sum, account) => sum + account.contacts.size, 0);
const items = openLeads + windowClicks + pendingCodes + contacts;
Object.assign(parameters, { 'open leads': openLeads, contacts, 'live clicks': windowClicks });

await measureSnapshots();
measureForms();
// Last, because they are gone then.
say(
  'heap per contact with an open lead',
  perItem(() => empty(accounts, 'contacts'), contacts),
);
say(
  'heap per open lead',
  perItem(() => empty(accounts, 'open'), openLeads),
);

writeResult({
  name: 'state',
  says: 'items of the state (open leads, contacts, live clicks) written to and read from a snapshot per CPU-second; bytes per item are in the parameters. No log and no network.',
  parameters,
  samples,
  ratios: {
    'snapshot written, items per CPU-second / 1,000,000': { value: medianRate(samples, 'snapshot written') / 1_000_000, aim: 1 },
    'snapshot read, items per CPU-second / 1,000,000': { value: medianRate(samples, 'snapshot read') / 1_000_000, aim: 1 },
  },
});

function folded(): PartitionState {
  const traffic = createTraffic({ ...TRAFFIC, startMs: Date.UTC(2026, 0, 5) });
  const operator = createOperatorFold(elsewhere);
  for (let done = 0; done < TOUCHPOINTS; done += BATCH) operator.batch(traffic.take(BATCH));
  return operator.state;
}

async function measureSnapshots(): Promise<void> {
  for (let run = 1; run <= RUNS; run += 1) {
    let from = cpuSeconds();
    const chunks = [...encodeState(state, CHUNK_BYTES)];
    samples.push({ contender: 'snapshot written', run, count: items, seconds: cpuSeconds() - from });
    const bytes = Buffer.concat(chunks);
    parameters['snapshot bytes'] = bytes.length;
    from = cpuSeconds();
    if (decodeState(0, bytes, () => undefined) === undefined) throw new Error('the snapshot was not read');
    samples.push({ contender: 'snapshot read', run, count: items, seconds: cpuSeconds() - from });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same leads in the forms they could be held in. */
function measureForms(): void {
  const packed: readonly Packed[] = accounts.flatMap(({ open }) => [...open.packed()]).slice(0, 50_000);
  const texts = packed.map((text) => Buffer.from(text, 'latin1'));
  say(
    'a lead as packed text',
    kept(() => texts.map((text) => text.toString('latin1')), packed.length),
  );
  say(
    'the same as a Uint8Array',
    kept(() => texts.map((text) => Uint8Array.from(text)), packed.length),
  );
  say(
    'the same on shelves of 64',
    kept(
      () => Array.from({ length: Math.ceil(packed.length / 64) }, (_, shelf) => packing.shelve(packed.slice(64 * shelf, 64 * shelf + 64))),
      packed.length,
    ),
  );
  say(
    'the same as an object',
    kept(() => packed.map((text) => packing.unpackLead(text).lead), packed.length),
  );
}

function empty(of: readonly AccountState[], part: 'open' | 'contacts'): void {
  for (const account of of) {
    if (part === 'open') for (const packed of [...account.open.packed()]) account.open.delete(packing.glanceLead(packed).leadId);
    else for (const packed of [...account.contacts.packed()]) account.contacts.delete(packing.unpackContact(packed).contact);
  }
}

function kept(make: () => unknown, count: number): number {
  const before = bytesInUse();
  const made = make();
  const bytes = (bytesInUse() - before) / count;
  // Referred to after the measurement, or it would be gone before it.
  if (made === undefined) throw new Error('nothing was made');
  return bytes;
}

function perItem(letGo: () => void, count: number): number {
  const before = bytesInUse();
  letGo();
  return (before - bytesInUse()) / count;
}

function say(what: string, bytes: number): void {
  parameters[`bytes of ${what}`] = Math.round(bytes);
  console.log(`${what}: ${Math.round(bytes)} B`);
}

/** Heap and array buffers. */
function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Of this thread: collecting garbage on others is not what is compared here. */
function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000_000;
}
