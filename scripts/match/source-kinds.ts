import type { SourceShare } from '@messtrack/matcher/domain/lead.ts';
import type { SourceKind } from '@messtrack/matcher/domain/source.ts';
import { type ExpectedCount, ExpectedSum } from './expected-count.ts';

export interface KindTally extends ExpectedCount {
  /** Null: no tracked click. `unknown`: of a source whose kind nobody told. */
  readonly source_kind: SourceKind | null;
}

/** Expected leads by kind of source. */
export class KindSums {
  private readonly sums = new Map<SourceKind | null, ExpectedSum>();
  private leads = 0;

  add(shares: readonly SourceShare[]): void {
    this.leads += 1;
    const parts = new Map<SourceKind | null, number>();
    for (const { source, share } of shares) {
      const kind = source === undefined ? null : source.kind;
      parts.set(kind, (parts.get(kind) ?? 0) + share);
    }
    for (const [kind, part] of parts) {
      let sum = this.sums.get(kind);
      if (sum === undefined) {
        sum = new ExpectedSum();
        this.sums.set(kind, sum);
      }
      // Steps of 1e-4 in doubles may add up to more than one by the last bit.
      sum.add(Math.min(1, part));
    }
  }

  /** The most expected first; empty when no click said its kind, because one line "unknown" tells nothing. */
  result(): readonly KindTally[] {
    const told = [...this.sums.keys()].some((kind) => kind !== null && kind !== 'unknown');
    if (!told) return [];
    return [...this.sums]
      .map(([kind, sum]): KindTally => ({ source_kind: kind, ...sum.result(this.leads) }))
      .sort((a, b) => b.expected - a.expected || (nameOf(a) < nameOf(b) ? -1 : 1));
  }
}

function nameOf({ source_kind: kind }: KindTally): string {
  return kind ?? '';
}
