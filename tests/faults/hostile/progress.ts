/**
 * What a campaign has played so far, in a folder of its own: it takes longer than a machine that others use can be had for, so that it is played in sittings. A sitting that is cut off is
 * played again; that sends some posts once more, which nothing may mind.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Traffic } from './requests.ts';
import type { StormSitting } from './storm.ts';

export interface CampaignParameters {
  readonly requests: number;
  readonly timedRequests: number;
  readonly webhooks: number;
  readonly deliveries: number;
  readonly inFlight: number;
  readonly rate: number;
  readonly seed: number;
}

export interface Played {
  readonly parameters: CampaignParameters;
  /** Commits that sittings were played at, in order. */
  readonly commits: readonly string[];
  readonly timed?: Traffic;
  readonly traffic: readonly Traffic[];
  readonly storm: readonly StormSitting[];
}

export interface Progress {
  readonly played: Played;
  /** For the standalone of the storm. */
  readonly stormFolder: string;
  keep(played: Played): void;
  /** The campaign is over, and nothing of it is needed any more. */
  remove(): void;
}

/** @throws Error when the folder is of a campaign with other parameters */
export function openProgress(folder: string, parameters: CampaignParameters): Progress {
  const file = join(folder, 'progress.json');
  let played: Played = { parameters, commits: [], traffic: [], storm: [] };
  if (existsSync(file)) {
    played = JSON.parse(readFileSync(file, 'utf8')) as Played;
    if (JSON.stringify(played.parameters) !== JSON.stringify(parameters))
      throw new Error(
        `${folder} holds a campaign with other parameters: ${JSON.stringify(played.parameters)}. Remove it, or name another folder`,
      );
  }
  const stormFolder = join(folder, 'storm');
  mkdirSync(stormFolder, { recursive: true });
  return {
    get played() {
      return played;
    },
    stormFolder,
    keep(next) {
      played = next;
      writeFileSync(file, JSON.stringify(played));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
