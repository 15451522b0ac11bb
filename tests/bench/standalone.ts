import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { startTemporaryStandalone } from '../../scripts/demo/temporary-standalone.ts';
import { query } from '../../scripts/demo/warehouse-view.ts';
import { whatsAppMessages } from '../../scripts/demo/webhooks.ts';
import { demoWorkspace } from '../e2e/demo-workspace.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

/**
 * Clicks and messages over HTTP until their leads are rows, in one process with everything embedded; and how much memory that takes.
 * Four clicks to a message. MESSTRACK_BENCH_TOUCHPOINTS makes it shorter; the published result is of a million.
 */
const TOUCHPOINTS = Number(process.env['MESSTRACK_BENCH_TOUCHPOINTS'] ?? 1_000_000);
const PER_REQUEST = 50;
const IN_FLIGHT = 8;
const ROUND = PER_REQUEST * 5;
const ROUNDS = Math.ceil(TOUCHPOINTS / ROUND);

const account = demoWorkspace().accounts.get('sales-wa');
if (account?.provider !== 'whatsapp') throw new Error('the demo workspace has no sales-wa');
const { appSecret, phoneNumberId, phone } = account;

const samples: Sample[] = [];
const memory: Memory[] = [];
const instance = await startTemporaryStandalone({ env: { LOG_LEVEL: 'error' } });
try {
  const startedAt = performance.now();
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let round = next++; round < ROUNDS; round = next++) {
      await playRound(instance.url, round);
      done += ROUND;
      if (done % (ROUND * Math.max(1, Math.round(ROUNDS / 20))) < ROUND)
        memory.push({ touchpoints: done, ...residentMb(instance.pid, instance.folder) });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const sentMs = performance.now() - startedAt;
  const expected = ROUNDS * PER_REQUEST;
  let leads = 0;
  while (leads < expected) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    leads = Number(
      (await query<{ n: string }>({ url: instance.url, sqlToken: '' }, 'SELECT toString(uniqExact(lead_id)) AS n FROM messtrack.leads'))[0]
        ?.n ?? 0,
    );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  memory.push({ touchpoints: done, ...residentMb(instance.pid, instance.folder) });
  const settled = memory.filter(({ touchpoints }) => touchpoints >= done / 4);
  samples.push({
    contender: 'standalone, HTTP to rows',
    run: 1,
    count: done,
    seconds,
    more: {
      leads,
      sentSeconds: sentMs / 1000,
      rssMbAfter: memory.at(-1)!.rssMb,
      anonMbAfter: memory.at(-1)!.anonMb,
      codeMbAfter: memory.at(-1)!.codeMb,
      dataMbAfter: memory.at(-1)!.dataMb,
      dataMbHighest: Math.max(...memory.map((point) => point.dataMb)),
      anonMbHighest: Math.max(...memory.map((point) => point.anonMb)),
      anonMbGrowthAfterFirstQuarter: memory.at(-1)!.anonMb - settled[0]!.anonMb,
      rssMbHighest: Math.max(...memory.map((point) => point.rssMb)),
      // Growth over the last three quarters: flat is what memory must be, whatever its level.
      rssMbGrowthAfterFirstQuarter: memory.at(-1)!.rssMb - settled[0]!.rssMb,
    },
  });
} finally {
  await instance.stop();
}
for (let run = 1; run <= 3; run++) samples.push(await bareLog(run));

writeResult({
  name: 'standalone',
  says: 'clicks and messages per second through the whole standalone, beside appending as many records of that size to the embedded log alone. Not a latency measurement.',
  parameters: {
    touchpoints: ROUNDS * ROUND,
    clicksPerMessage: 4,
    perRequest: PER_REQUEST,
    inFlight: IN_FLIGHT,
    rssAnonDataMbByTouchpoints: memory
      .map(({ touchpoints, rssMb, anonMb, dataMb }) => `${touchpoints}:${rssMb}/${anonMb}/${dataMb}`)
      .join(' '),
  },
  samples,
  ratios: {
    'standalone / bare embedded log': { value: medianRate(samples, 'standalone, HTTP to rows') / medianRate(samples, 'bare embedded log') },
  },
  versions: { lmdb: packageVersion('lmdb'), chdb: packageVersion('chdb'), fastify: packageVersion('fastify') },
});

/** Four requests of clicks, then one webhook in which the first fifty of those people write. */
async function playRound(url: string, round: number): Promise<void> {
  const codes: string[] = [];
  for (let request = 0; request < 4; request++) {
    const clicks = Array.from({ length: PER_REQUEST }, (_, i) => {
      const code = newCode((n) => randomBytes(n));
      if (request === 0) codes.push(code);
      return {
        workspace: 'demo',
        placement: 'site-button',
        click_id: `b${round}-${request}-${i}`,
        code,
        greeting_variant: 0,
        source: { utm_source: 'bench', utm_campaign: `c${i % 10}` },
      };
    });
    const answer = await fetch(`${url}/v1/clicks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)' },
      body: JSON.stringify(clicks),
    });
    if (answer.status !== 202) throw new Error(`POST /v1/clicks answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }
  const timestampS = Math.floor(Date.now() / 1000);
  const webhook = whatsAppMessages(
    appSecret.reveal(),
    codes.map((code, i) => {
      const waId = `1202${String(round).padStart(6, '0')}${String(i).padStart(2, '0')}`;
      return {
        phoneNumberId,
        displayPhone: phone,
        contact: { waId, userId: `US.${waId}`, name: 'Sam' },
        messageId: `wamid.b${round}-${i}`,
        timestampS,
        content: { type: 'text', text: { body: `Hello! I have a question (request no. ${code})` } },
        referral: undefined,
      };
    }),
  );
  const answer = await fetch(`${url}/hooks/whatsapp/demo/sales-wa`, {
    method: 'POST',
    headers: webhook.headers,
    body: new Uint8Array(webhook.body),
  });
  if (answer.status !== 200) throw new Error(`webhook answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** The same number of records of the same size in the same batches, into the embedded log and nothing else. */
async function bareLog(run: number): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'messtrack-bench-'));
  const bus = await openLmdbBus({ path: folder, log: createLogger('bench', 'error') });
  await bus.ensureTopics([{ name: 'bench.v1', partitions: 12, cleanup: 'delete', retentionMs: 86_400_000, maxRecordBytes: 1_048_576 }]);
  const producer = await bus.producer();
  const value = randomBytes(350);
  const headers = { 'event-id': 'click/demo/b1-1-1', type: 'Touchpoint.click', 'produced-at': '1790000000000' };
  const count = Math.min(TOUCHPOINTS, 200_000);
  const startedAt = performance.now();
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      sent += PER_REQUEST;
      await producer.send(Array.from({ length: PER_REQUEST }, () => ({ topic: 'bench.v1', key: 'demo/sales-wa', value, headers })));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  await producer.close();
  await bus.close();
  rmSync(folder, { recursive: true, force: true });
  return { contender: 'bare embedded log', run, count: sent, seconds };
}

interface Memory {
  readonly touchpoints: number;
  /** Resident memory: the sum of the three below. */
  readonly rssMb: number;
  /** The process's own: heap, buffers, what the embedded ClickHouse has allocated. */
  readonly anonMb: number;
  /** Programs and libraries, ClickHouse's 175 MB above all. */
  readonly codeMb: number;
  /** Pages of files in the data folder that are mapped at the moment; the kernel takes them back when it needs them. */
  readonly dataMb: number;
}

/** From Linux's /proc. */
function residentMb(pid: number, folder: string): Omit<Memory, 'touchpoints'> {
  let anonKb = 0;
  let codeKb = 0;
  let dataKb = 0;
  let isData = false;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const mapping = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)$/.exec(line);
    if (mapping !== null) isData = mapping[1]!.startsWith(folder);
    const size = /^(Rss|Anonymous): +(\d+) kB/.exec(line);
    if (size === null) continue;
    const kb = Number(size[2]);
    // Anonymous is a part of Rss and comes after it: what a library has written to is the process's own.
    if (size[1] === 'Anonymous') {
      anonKb += kb;
      codeKb -= isData ? 0 : kb;
      dataKb -= isData ? kb : 0;
    } else if (isData) dataKb += kb;
    else codeKb += kb;
  }
  const mb = (kb: number): number => Math.round(kb / 1024);
  return { rssMb: mb(anonKb + codeKb + dataKb), anonMb: mb(anonKb), codeMb: mb(codeKb), dataMb: mb(dataKb) };
}
