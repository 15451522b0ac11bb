import type { Source } from './source.ts';

/** A click as a code, or a message that we sent, finds it. */
export interface KnownClick {
  /** Empty when only a source is known. */
  readonly clickId: string;
  readonly clickedAtMs: number;
  readonly source: Source;
}
