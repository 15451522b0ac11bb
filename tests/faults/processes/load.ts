/**
 * People of the demonstration, wave after wave, at a rate, until somebody says stop: they click, write, edit and are delivered twice, and everything that has
 * no acknowledgement is sent again, as browsers and platforms do. What was acknowledged is the ledger.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type Person, people } from '../../../scripts/demo/people.ts';
import { type Ledger, play } from '../../../scripts/demo/player.ts';

export interface LoadParameters {
  readonly url: string;
  readonly workspace: Workspace;
  readonly runId: string;
  readonly seed: number;
  /** People who begin per second, about two and a half requests each. */
  readonly perSecond: number;
  /** How long one request is sent again before the campaign gives up on it. Milliseconds. */
  readonly patienceMs: number;
}

export interface Load {
  /** No new people; resolves when those under way have got their last acknowledgement. Rejects when one never came. */
  stop(): Promise<Played>;
  /** Requests sent and sent again so far. */
  progress(): { readonly people: number; readonly requests: number; readonly repeats: number };
}

export interface Played {
  readonly people: readonly Person[];
  readonly ledger: Ledger;
}

const WAVE = 20;
/** Acting at the same time: a wave that waits for one that is refused does not hold up the next. */
const WAVES_AT_ONCE = 6;

export function startLoad(parameters: LoadParameters): Load {
  const { url, workspace, runId, seed, perSecond, patienceMs } = parameters;
  const cast: Person[] = [];
  const ledgers: Ledger[] = [];
  let isStopped = false;
  let nextAt = performance.now();
  let waves = 0;

  async function worker(): Promise<void> {
    while (!isStopped) {
      const wave = waves++;
      // Ids of one run begin alike, and no two waves share one: the number ends at the letter.
      const persons = people(seed + wave, WAVE, `${runId}${wave}w`);
      const begun: Person[] = [];
      const ledger = await play({
        url,
        workspace,
        people: persons,
        concurrency: 4,
        patienceMs,
        redeliverEvery: 7,
        onPerson: async (index) => {
          begun.push(persons[index]!);
          nextAt = Math.max(nextAt + 1_000 / perSecond, performance.now() - 1_000);
          await sleep(Math.max(0, nextAt - performance.now()));
        },
      });
      cast.push(...begun);
      ledgers.push(ledger);
    }
  }

  const running = Promise.all(Array.from({ length: WAVES_AT_ONCE }, worker));
  // Heard by `stop`; until then a failure is not unhandled.
  running.catch(() => undefined);
  return {
    async stop() {
      isStopped = true;
      await running;
      return { people: cast, ledger: together(ledgers) };
    },
    progress: () => {
      const { requests, repeats } = together(ledgers);
      return { people: cast.length, requests, repeats };
    },
  };
}

function together(ledgers: readonly Ledger[]): Ledger {
  const sum: Ledger = { codes: new Map(), acknowledgedClicks: new Set(), acknowledgedMessages: new Set(), requests: 0, repeats: 0 };
  for (const { codes, acknowledgedClicks, acknowledgedMessages, requests, repeats } of ledgers) {
    for (const [click, code] of codes) sum.codes.set(click, code);
    for (const code of acknowledgedClicks) sum.acknowledgedClicks.add(code);
    for (const id of acknowledgedMessages) sum.acknowledgedMessages.add(id);
    sum.requests += requests;
    sum.repeats += repeats;
  }
  return sum;
}
