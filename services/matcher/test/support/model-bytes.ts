import { noSpread } from '../../src/domain/model/account-spread.ts';
import { noDayPairs } from '../../src/domain/model/day-link.ts';
import { ANCHOR_COUNTS, REACHES } from '../../src/domain/model/mixing-share.ts';

/**
 * Bytes at the end of an empty model, as `encodeStatistics` writes it, that models have gained since they have had what is named, itself included: to cut one down to what an older version wrote. An audience of nobody is its
 * count alone, and a sum over no accounts a byte for each number.
 */
const SINCE_GONE_KEEPERS = 8;
export const SINCE_SPREADS = 2 * noSpread().length + SINCE_GONE_KEEPERS;
export const SINCE_DAY_PAIRS = noDayPairs().length + SINCE_SPREADS;
export const SINCE_AUDIENCE = 1 + SINCE_DAY_PAIRS;
export const SINCE_ANCHOR = REACHES.length * ANCHOR_COUNTS.length * 8 + SINCE_AUDIENCE;
export const SINCE_PASSED_ON = 3 * 8 + SINCE_ANCHOR;
