/** Who writes, after what time, and what becomes of code and greeting. Generator and oracle read the same numbers. */
import { type Account, type Campaign, DAY_MS, START_MS } from './account.ts';
import type { Cell } from './cells.ts';
import { type DelayLaw, edited, gamma, lawOf, logLogistic, mixture } from './delay-law.ts';

/** Nobody sees how old somebody is; it moves losing the code, pace and greeting together. */
export const AGES = [0, 1] as const;
/** Who deletes the code keeps the greeting, by age; who had none to delete; who is sent it by a friend; who followed no click and has it from elsewhere. */
export const GREETING_KEPT = [0.25, 0.5] as const;
export const GREETING_KEPT_CODELESS = 0.75;
export const GREETING_KEPT_BY_FRIEND = 0.7;
export const GREETING_OF_NOBODY = 0.04;
export const GREETING_KEPT_WITH_CODE = 0.9;

/** Share of writers who delete the code. */
export function loseRate(
  cell: Cell,
  account: Account,
  campaign: Campaign,
  person: { age: number; device: number; place: number; atMs: number },
): number {
  if (!account.hasCodes) return 1;
  const { age, device, place, atMs } = person;
  const jumped = device === 0 && atMs >= START_MS + 0.6 * cell.days * DAY_MS ? cell.jump : 0;
  const by = (age === 1 ? 0.6 : -0.6) + [0, -0.4, 0.8][device]! + account.losesByLand[place]! + campaign.loses;
  return 1 / (1 + Math.exp(-(account.losesLogit + cell.losesBy * by + jumped)));
}

export function writeRate({ writes }: Campaign, device: number): number {
  return Math.min(0.9, writes * [1.1, 1, 0.7][device]!);
}

/** Scores that programs and people get, and how often. */
export const SCORES = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 0.95] as const;
export const PEOPLE_SCORES = [0.5, 0.24, 0.12, 0.07, 0.04, 0.02, 0.007, 0.003] as const;
export const PROGRAM_SCORES = [0, 0.02, 0.08, 0.1, 0.15, 0.2, 0.25, 0.2] as const;

export function humanity(cell: Cell, score: number): number {
  if (cell.without.includes('bot_score')) return 1 - cell.bots;
  const people = (1 - cell.bots) * PEOPLE_SCORES[score]!;
  return people / (people + cell.bots * PROGRAM_SCORES[score]!);
}

/** By age, then mobile and desktop: of who keeps the code (or had none) and of who deletes it. */
export interface Laws {
  readonly keeper: readonly (readonly DelayLaw[])[];
  readonly loser: readonly (readonly DelayLaw[])[];
  /** After the message that a friend passes on. */
  readonly friend: DelayLaw;
}

export function lawsOf({ delays, slower, editingS }: Cell): Laws {
  const base = (pace: number) =>
    delays === 'gamma'
      ? mixture([
          [0.68, gamma(40 * pace, 1.4)],
          [0.2, gamma(500 * pace, 0.8)],
          [0.12, gamma(5 * 3_600, 0.7)],
        ])
      : mixture([
          [0.78, logLogistic(32 * pace, 1.6)],
          [0.22, logLogistic(2_400, 1)],
        ]);
  const paces = AGES.map((age) => [1, 1.6].map((pace) => (age === 1 ? 2 : 1) * pace));
  return {
    keeper: paces.map((row) => row.map((pace) => lawOf(base(pace)))),
    loser: paces.map((row, age) =>
      row.map((pace) => lawOf(edited(base(pace), slower, lawOf(gamma(editingS * (age === 1 ? 1.8 : 1), 1.2))))),
    ),
    friend: lawOf(logLogistic(3 * 3_600, 1.1)),
  };
}
