import { HashIndex } from './hash-index.ts';
import type { Profile } from './profiles.ts';
import { TupleTable } from './tuple-table.ts';

/**
 * Small numbers for the cohorts of floods that are followed (surge.ts). Every message asks for the cohort of every profile in every ten
 * minutes: by name, reading texts from all over the heap was a fifth of the time of a flooded account. What a profile's number is, is
 * remembered by the profile; nothing of this is state, names are.
 */
export class CohortNames {
  private readonly table = new TupleTable(1, new HashIndex());
  /** By the profile's index, `WIDTH` each. */
  private known = new Int32Array(0);
  /** Names that began to be held, and that ceased to be, so far: what is remembered may be wrong after one more. */
  private begun = 0;
  private ended = 0;

  /** One more than the highest number in use so far. */
  get size(): number {
    return this.table.size;
  }

  /** Tells whether a profile may have got another number since it was asked for. Wraps. */
  get changes(): number {
    return (this.begun + this.ended) | 0;
  }

  name(number: number): string {
    return this.table.part(number, 0);
  }

  /** To be let go as often as it is held. */
  hold(name: string): number {
    const { held } = this.table;
    const number = this.table.hold(name);
    if (this.table.held !== held) this.begun = (this.begun + 1) | 0;
    return number;
  }

  letGo(number: number): void {
    const { held } = this.table;
    this.table.letGo(number);
    if (this.table.held !== held) this.ended = (this.ended + 1) | 0;
  }

  /** Number of the cohort of a profile, −1 when nobody holds it, and undefined when it is not remembered: then `find` tells. */
  remembered(index: number, profileNumber: number): number | undefined {
    const { known } = this;
    const at = index * WIDTH;
    if (at >= known.length || known[at + HAS] === 0 || known[at + PROFILE] !== profileNumber) return undefined;
    const number = known[at + NUMBER]!;
    return known[at + SINCE] === (number < 0 ? this.begun : this.ended) ? number : undefined;
  }

  /** The same by the name; remembers it. */
  find({ index, number: profileNumber }: Profile, name: string): number {
    const number = this.table.find(name);
    const at = index * WIDTH;
    if (at >= this.known.length) this.grow(index);
    this.known[at + HAS] = 1;
    this.known[at + PROFILE] = profileNumber;
    this.known[at + NUMBER] = number;
    this.known[at + SINCE] = number < 0 ? this.begun : this.ended;
    return number;
  }

  private grow(index: number): void {
    const larger = new Int32Array(Math.ceil((index + 1) * 1.5) * WIDTH);
    larger.set(this.known);
    this.known = larger;
  }
}

/** Columns of what is remembered of a profile. `SINCE`: how many names had ended, or begun where it has none, when it was found. */
const HAS = 0;
const PROFILE = 1;
const NUMBER = 2;
const SINCE = 3;
const WIDTH = 4;
