/**
 * Shares of regions as they were asked for, by numbers that are given to another tuple when nobody holds them any more: hence the holders. One matrix, since
 * a map by texts cost a joined text for each of thousands of questions of one message, and columns for each campaign were, as they grew, most of what the
 * question of a small account allocated.
 */
export interface RegionShares {
  /**
   * A column for each region, after one that names who holds the number of the row's campaign. Rows: who holds the region's number; P(region | home) where
   * IPs are placed that tell none; and P(region of the click | campaign) for each campaign. `NOT_ASKED` where nobody has.
   */
  numbers: Float64Array;
  width: number;
}

export const NOT_ASKED = -1;

const HUBS = 1;
const FIRST_CAMPAIGN = 2;
const FIRST_REGION = 1;

export function noRegionShares(): RegionShares {
  return { numbers: new Float64Array(0), width: 0 };
}

/** Names who holds a number, by a serial of 32 bits; never `NOT_ASKED`. */
function holderOf(serial: number): number {
  return serial >>> 0;
}

/** Forgets all and makes room for so many; a fifth of it is left free, because names come one by one. */
export function beginRegionShares(known: RegionShares, regions: number, campaigns: number): void {
  known.width = Math.ceil(1.25 * (FIRST_REGION + regions));
  const room = known.width * Math.ceil(1.25 * (FIRST_CAMPAIGN + campaigns));
  // What was a large account's is no small one's to clear.
  const isFit = known.numbers.length >= room && known.numbers.length <= 4 * room;
  if (isFit) known.numbers.fill(NOT_ASKED);
  else known.numbers = new Float64Array(room).fill(NOT_ASKED);
}

export function hasRegionRoom({ numbers, width }: RegionShares, regions: number, campaigns: number): boolean {
  return FIRST_REGION + regions <= width && width * (FIRST_CAMPAIGN + campaigns) <= numbers.length;
}

/** To be called before a region is asked for: forgets what was known of another one that had its number. */
export function holdRegion({ numbers, width }: RegionShares, region: number, serial: number): void {
  const column = FIRST_REGION + region;
  if (numbers[column] === holderOf(serial)) return;
  for (let at = column; at < numbers.length; at += width) numbers[at] = NOT_ASKED;
  numbers[column] = holderOf(serial);
}

/** The same of a campaign. */
export function holdCampaign({ numbers, width }: RegionShares, campaign: number, serial: number): void {
  const row = width * (FIRST_CAMPAIGN + campaign);
  if (numbers[row] === holderOf(serial)) return;
  numbers.fill(NOT_ASKED, row, row + width);
  numbers[row] = holderOf(serial);
}

/** Place of a region's P(region | home) where IPs tell none, in `numbers`. */
export function placeOfHub({ width }: RegionShares, region: number): number {
  return width * HUBS + FIRST_REGION + region;
}

/** Place of P(region of the click | campaign) for the first region; the others follow. */
export function placeOfCampaign({ width }: RegionShares, campaign: number): number {
  return width * (FIRST_CAMPAIGN + campaign) + FIRST_REGION;
}
