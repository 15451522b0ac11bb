/**
 * What the views of where a person is (home-views.ts) need of places, by the place's number in its table: rows of numbers, because a message asks for
 * hundreds of places, each as an object was 250 bytes in a memory of its own.
 */
export interface KnownViews {
  /** `VIEW_WIDTH` a place. */
  numbers: Float64Array;
  /** P(home) of the campaign's leads, by country; shared by all places of the campaign. */
  readonly home: Float64Array[];
  /** P(browser language | home), by country; undefined where the browser names none. */
  readonly browser: (Float64Array | undefined)[];
}

/** One more than the serial of the tuple that the row is for; 0 where there is none. */
export const HELD = 0;
export const NETWORK = 1;
/** Country of the IP, −1 where it is not known, and how often IPs are of that country when the person is not. */
export const IP = 2;
export const EXIT = 3;
/** Weight of each view over its sum over all countries. */
export const PER_BOTH = 4;
export const PER_IP = 5;
export const PER_BROWSER = 6;
export const PER_NEITHER = 7;
export const VIEW_WIDTH = 8;

export function noViews(): KnownViews {
  return { numbers: NOTHING, home: [], browser: [] };
}

const NOTHING = new Float64Array(0);

export function hasViews({ numbers }: KnownViews, place: number, serial: number): boolean {
  const at = place * VIEW_WIDTH;
  return at < numbers.length && numbers[at + HELD] === serial + 1;
}

/** Forgets all and makes room for so many; a fifth of it is left free. */
export function beginViews(views: KnownViews, places: number): void {
  const room = Math.ceil(1.25 * places) * VIEW_WIDTH;
  // What was a large account's is no small one's to clear.
  const isFit = views.numbers.length >= room && views.numbers.length <= 4 * room;
  if (isFit) views.numbers.fill(0);
  else views.numbers = new Float64Array(room);
}

/** By a quarter: an account knows a handful of places or hundreds. */
export function makeRoom(views: KnownViews, place: number): void {
  const end = (place + 1) * VIEW_WIDTH;
  if (end <= views.numbers.length) return;
  const larger = new Float64Array(Math.ceil((place + 1) * 1.25) * VIEW_WIDTH);
  larger.set(views.numbers);
  views.numbers = larger;
}
