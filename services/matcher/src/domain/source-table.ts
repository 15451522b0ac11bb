import { hashOf } from './hash-index.ts';
import { SmallIndex } from './small-index.ts';
import type { Source } from './source.ts';

/** The sources of an account's clicks as reports name them, without click ids and referrer, each once. Numbers are given again. */
export class SourceTable {
  /** By number; undefined where a source has gone. */
  private readonly sources: (Source | undefined)[] = [];
  /** By number: how many hold it. */
  private readonly holders: number[] = [];
  private readonly free: number[] = [];
  private readonly byHash = new SmallIndex();

  /** One more than the highest number in use so far. */
  get size(): number {
    return this.holders.length;
  }

  /** Sources that somebody holds. */
  get held(): number {
    return this.byHash.size;
  }

  isHeld(number: number): boolean {
    return this.holders[number]! > 0;
  }

  at(number: number): Source {
    return this.sources[number]!;
  }

  /** `hash`: the source's own. */
  hold(source: Source, hash: number): number {
    for (let place = this.byHash.first(hash); place >= 0; place = this.byHash.next(place, hash)) {
      const number = this.byHash.at(place);
      if (!isSameForReports(this.sources[number]!, source)) continue;
      this.holders[number]! += 1;
      return number;
    }
    const number = this.free.pop() ?? this.size;
    this.sources[number] = { ...source, clickIds: NO_CLICK_IDS, referrerHost: '' };
    this.holders[number] = 1;
    this.byHash.add(hash, number);
    return number;
  }

  letGo(number: number): void {
    this.holders[number]! -= 1;
    if (this.holders[number]! > 0) return;
    this.byHash.removeNumber(hashOfSource(this.sources[number]!), number);
    this.sources[number] = undefined;
    this.free.push(number);
  }
}

const NO_CLICK_IDS: Source['clickIds'] = [];

export function hashOfSource({ placement, utmSource, utmMedium, utmCampaign, utmContent, utmTerm, adId, kind }: Source): number {
  const named = hashOf(utmTerm, hashOf(utmContent, hashOf(utmCampaign, hashOf(utmMedium, hashOf(utmSource, hashOf(placement))))));
  return hashOf(kind, hashOf(adId, named));
}

/** Alike in all that reports name. */
export function isSameForReports(a: Source, b: Source): boolean {
  return (
    a.placement === b.placement &&
    a.utmCampaign === b.utmCampaign &&
    a.utmContent === b.utmContent &&
    a.utmTerm === b.utmTerm &&
    a.adId === b.adId &&
    a.utmSource === b.utmSource &&
    a.utmMedium === b.utmMedium &&
    a.kind === b.kind
  );
}
