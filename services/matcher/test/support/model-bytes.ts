import { noSpread } from '../../src/domain/model/account-spread.ts';
import { noDayPairs } from '../../src/domain/model/day-link.ts';
import { ANCHOR_COUNTS, REACHES } from '../../src/domain/model/mixing-share.ts';

/** What models have gained at their end, in that order, as `encodeStatistics` writes it: to cut a model down to what an older version wrote. An audience of nobody is its count alone, and a sum over no accounts a byte for each number. */
export const PASSED_ON_BYTES = 3 * 8;
export const ANCHOR_BYTES = REACHES.length * ANCHOR_COUNTS.length * 8;
export const NO_AUDIENCE_BYTES = 1;
export const DAY_PAIRS_BYTES = noDayPairs().length;
export const SPREADS_BYTES = 2 * noSpread().length;
export const GONE_KEEPERS_BYTES = 8;
