import type { Expected } from './expectation.ts';
import { type AccountStatistics, copyAccount } from './model/account-statistics.ts';
import { REACHES } from './model/mixing-share.ts';
import { PASSED_ON_COUNTS, type PlatformStatistics } from './model/platform-statistics.ts';
import { addAll } from './model/tally.ts';

/** Adds what was expected of messages without identifier to a platform's statistics. */
export function addExpected(into: PlatformStatistics, expected: Expected): void {
  const { scalars, tallies } = into;
  scalars.unidentified += expected.unidentified;
  scalars.organic += expected.organic;
  scalars.organicGreeting += expected.organicGreeting;
  scalars.organicWords += expected.organicWords;
  scalars.losersElsewhere += expected.losersElsewhere;
  scalars.keptGreeting += expected.keptGreeting;
  scalars.otherWords += expected.otherWords;
  for (let index = 0; index < into.losers.length; index += 1) into.losers[index]! += expected.losers[index]!;
  for (let index = 0; index < into.edits.length; index += 1) into.edits[index]! += expected.edits[index]!;
  for (let hour = 0; hour < 24; hour += 1) into.organicHours[hour]! += expected.organicHours[hour]!;
  addAll(tallies.organicHome, expected.organicHome);
  const { codeless } = into;
  codeless.leads += expected.codeless.leads;
  codeless.keptGreeting += expected.codeless.keptGreeting;
  codeless.otherWords += expected.codeless.otherWords;
  for (let k = 0; k < codeless.edits.length; k += 1) codeless.edits[k]! += expected.codeless.edits[k]!;
  for (const key of PASSED_ON_COUNTS) into.passedOn[key] += expected.passedOn[key];
  for (const reach of REACHES) {
    into.anchor[reach].explained += expected.held[reach].explained;
    into.anchor[reach].clicked += expected.held[reach].clicked;
  }
}

/** An account's statistics with what was expected of its messages without identifier. */
export function withExpected(learned: AccountStatistics, expected: Expected): AccountStatistics {
  const basis = copyAccount(learned);
  addExpectedToAccount(basis, expected);
  return basis;
}

export function addExpectedToAccount(into: AccountStatistics, expected: Expected): void {
  addAll(into.responses, expected.responses);
  into.organic += expected.organic;
  into.losers += expected.losersElsewhere;
  for (const each of expected.losers) into.losers += each;
  for (let hour = 0; hour < 24; hour += 1) into.organicHours[hour]! += expected.organicHours[hour]!;
  addAll(into.organicHome, expected.organicHome);
}
