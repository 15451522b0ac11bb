/**
 * The same webhooks many times, in any order, into a whole standalone that is killed in between and started again on its folder: every post is sent until it is answered 200, and at the end the
 * warehouse has each message once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startTemporaryStandalone } from '../../../scripts/demo/temporary-standalone.ts';
import { query } from '../../../scripts/demo/warehouse-view.ts';
import { CASES } from '../../bench/providers/cases.ts';
import { generator } from '../../bench/webhook/load.ts';
import { honestPost } from './attacks.ts';
import { type Client, openClient, type Post } from './client.ts';
import { WORKSPACES } from './gateway-process.ts';

export interface StormParameters {
  readonly webhooks: number;
  readonly deliveries: number;
  readonly inFlight: number;
  readonly seed: number;
  /** Data folder of the standalone, kept between sittings. */
  readonly folder: string;
  /** Posts that earlier sittings have sent. */
  readonly from: number;
  /** True when the sitting has lasted long enough: what is left is for the next. */
  readonly isOver: () => boolean;
}

/** One sitting: posts, and a standalone that is killed in the middle of them and at their end. */
export interface StormSitting {
  /** Posts sent by this one and all earlier sittings. */
  readonly sent: number;
  /** Posts that were not answered 200 at first and were sent again. */
  readonly again: number;
  readonly kills: number;
  readonly seconds: number;
}

/** What the warehouse shows when all posts have been sent. */
export interface StormLedger {
  /** Rows of the view messages, which shows each message once, and messages that it shows more than once. */
  readonly messages: number;
  readonly expected: number;
  readonly doubled: number;
  /** One person per webhook. */
  readonly leads: number;
}

/** Posts between two kills. */
const KILL_EVERY = 100_000;

export async function playStorm(parameters: StormParameters, now: () => number): Promise<StormSitting> {
  const { webhooks, deliveries, inFlight, seed, folder, from, isOver } = parameters;
  const env = { MESSTRACK_WORKSPACES: WORKSPACES, LOG_LEVEL: 'fatal' };
  let standalone = await startTemporaryStandalone({ folder, env });
  const port = Number(new URL(standalone.url).port);
  let client = openClient(port, inFlight);
  try {
    const startedAt = now();
    const order = shuffled(webhooks, deliveries, generator(seed));
    const count = { again: 0, kills: 0, next: from };
    let restarted = Promise.resolve();
    const restart = async (): Promise<void> => {
      await standalone.kill();
      client.close();
      standalone = await startTemporaryStandalone({ folder, port, env });
      client = openClient(port, inFlight);
      count.kills += 1;
    };
    const killEvery = Math.min(KILL_EVERY, order.length);
    const worker = async () => {
      while (count.next < order.length && !isOver()) {
        const index = count.next++;
        if (index % killEvery === Math.floor(killEvery / 2)) restarted = restart();
        const post = postOf(order[index]!);
        while (!(await isTaken(client, post))) {
          count.again += 1;
          // As a platform does: not at once, and without end.
          await Promise.all([sleep(20), restarted]);
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    await restarted;
    return { sent: count.next, again: count.again, kills: count.kills, seconds: (now() - startedAt) / 1000 };
  } finally {
    client.close();
    await standalone.kill();
  }
}

/** After the last sitting: starts the standalone on its folder once more and asks its warehouse. */
export async function readLedger({ webhooks, folder }: Pick<StormParameters, 'webhooks' | 'folder'>): Promise<StormLedger> {
  const standalone = await startTemporaryStandalone({ folder, env: { MESSTRACK_WORKSPACES: WORKSPACES, LOG_LEVEL: 'fatal' } });
  const client = openClient(Number(new URL(standalone.url).port), 1);
  try {
    // One more message in every account, behind all others of it: when these are rows, whatever stands before them is.
    const barriers = CASES.length;
    const first = firstBarrier(webhooks);
    const numbers = Array.from({ length: barriers }, (_, i) => first + i);
    for (const number of numbers) if (!(await isTaken(client, postOf(number)))) throw new Error('a barrier was refused');
    const expected = webhooks + barriers;
    const ask = async (sql: string) => Number((await query<{ n: string }>({ url: standalone.url, sqlToken: '' }, sql))[0]?.n ?? 0);
    for (const [table, id] of [
      ['messages', 'message_id'],
      ['leads', 'first_message_id'],
    ] as const)
      while (
        (await ask(`SELECT toString(uniqExact(${id}, account)) AS n FROM messtrack.${table} WHERE ${endsWith(id, numbers)}`)) < barriers
      )
        await sleep(200);
    // Leads are spread over partitions by themselves: those of other people may stand in one that is behind.
    while ((await lagOf(standalone.url, 'leads.v1')) > 0) await sleep(200);
    const messages = await ask('SELECT toString(count()) AS n FROM messtrack.messages');
    const unique = await ask('SELECT toString(uniqExact(event_id)) AS n FROM messtrack.messages');
    const leads = await ask('SELECT toString(uniqExact(lead_id)) AS n FROM messtrack.leads');
    return { messages, expected, doubled: messages - unique, leads };
  } finally {
    client.close();
    await standalone.kill();
  }
}

/** Behind the last webhook, at the number of the first provider. */
function firstBarrier(webhooks: number): number {
  return Math.ceil(webhooks / CASES.length) * CASES.length;
}

function endsWith(column: string, numbers: readonly number[]): string {
  return `toUInt64OrZero(extract(${column}, '([0-9]{1,9})$')) IN (${numbers.join(', ')})`;
}

/** Records of a topic that are not in the warehouse yet. */
async function lagOf(url: string, topic: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const line = new RegExp(`^messtrack_exporter_lag_records\\{topic="${topic}"\\} (\\d+)$`, 'm').exec(metrics);
  if (line === null) throw new Error(`the exporter tells no lag of ${topic}`);
  return Number(line[1]);
}

function postOf(number: number): Post {
  return honestPost(CASES[number % CASES.length]!, 'storm', number);
}

async function isTaken(client: Client, post: Post): Promise<boolean> {
  return (await client.post(post)).status === 200;
}

/** Every number `times` times, in an order of the seed's: a delivery may overtake the first. */
function shuffled(count: number, times: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count * times }, (_, i) => i % count);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
