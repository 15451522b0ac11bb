import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '@messtrack/testing/cluster.ts';
import { type Random, seededRandom } from '../../../scripts/demo/random.ts';
import { type CampaignEnd, playCampaign, type Readiness, readinessThrough } from './cluster-campaign.ts';
import type { Dependency } from './dependencies.ts';

export interface OutageParameters {
  readonly seconds: number;
  readonly perSecond: number;
  readonly seed: number;
  /** Plays those whose name ("kafka cut") has it. */
  readonly only: string;
  readonly say: (line: string) => void;
}

export type What = 'redis' | 'kafka' | 'clickhouse';
/** `killed`: SIGKILL and, later, started again. `silent`: connections stand and no byte passes, as a stopped process. `cut`: connections break and are refused. */
export type How = 'killed' | 'silent' | 'cut';

export interface Outage extends Readiness {
  readonly what: What;
  readonly how: How;
  readonly seconds: number;
}

export interface Outages extends CampaignEnd {
  readonly outages: readonly Outage[];
}

/** Each for some seconds, every third longer. Another seed begins at another place, and a longer campaign again at the first. */
const PLAN: readonly (readonly [What, How])[] = [
  ['redis', 'killed'],
  ['kafka', 'cut'],
  ['clickhouse', 'silent'],
  ['kafka', 'killed'],
  ['redis', 'silent'],
  ['clickhouse', 'killed'],
  ['kafka', 'silent'],
  ['redis', 'cut'],
  ['clickhouse', 'cut'],
];

/** Those that a campaign plays in turn. */
export function outagesNamed(only: string): readonly (readonly [What, How])[] {
  const plan = PLAN.filter((names) => names.join(' ').includes(only));
  if (plan.length === 0)
    throw new Error(`no outage has "${only}" in its name; they are ${PLAN.map((names) => names.join(' ')).join(', ')}`);
  return plan;
}

export async function playOutages({ seconds, perSecond, seed, only, say }: OutageParameters): Promise<Outages> {
  const plan = outagesNamed(only);
  const random = seededRandom(seed);
  const campaign = {
    name: 'outage',
    runId: 'ou',
    seed,
    perSecond,
    stallMs: 60_000,
    kindsOfLines: 40,
    cluster: () => ({ env: { LOG_LEVEL: 'warn' } }),
  };
  const { acts: outages, end } = await playCampaign(campaign, async ({ cluster, dependencies, linesSoFar }) => {
    const played: Outage[] = [];
    const endsAt = performance.now() + seconds * 1_000;
    for (let round = 0; performance.now() < endsAt || round < 3; round++) {
      const [what, how] = plan[(round + (seed - 1) * 3) % plan.length]!;
      await sleep(3_000);
      const outage = await takeAway(cluster, dependencies[what], what, how, secondsOf(random, round));
      played.push(outage);
      say(
        `${what} ${how} for ${outage.seconds} s: red after ${outage.redAfterS} s, green ${outage.greenAfterS} s after it was back; ${linesSoFar()} lines so far`,
      );
    }
    return played;
  });
  return { outages, ...end };
}

async function takeAway(cluster: Cluster, { instance, proxy }: Dependency, what: What, how: How, seconds: number): Promise<Outage> {
  const readiness = await readinessThrough(cluster, {
    seconds,
    async begin() {
      if (how === 'killed') await instance.kill();
      if (how === 'silent') proxy.hold();
      if (how === 'cut') await proxy.refuse();
    },
    end: async () => (how === 'killed' ? instance.restart() : proxy.heal()),
  });
  return { what, how, seconds, ...readiness };
}

/** Most are short; every third lasts long enough for sessions and timeouts to run out. */
function secondsOf(random: Random, round: number): number {
  return Math.round(round % 3 === 2 ? 15 + random.next() * 20 : 4 + random.next() * 6);
}
