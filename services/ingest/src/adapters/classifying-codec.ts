import { classifySource, type ReferrerLists } from '../domain/source-kind.ts';
import type { Codec } from '../ports.ts';

/** Every record says what kind of place its source is: told once, by the lists of the day, a report of last year stays what it was. */
export function classifyingCodec(codec: Codec, lists: ReferrerLists): Codec {
  return {
    click: (click, producedAtMs, traceparent) =>
      codec.click({ ...click, sourceClass: classifySource(click.source, lists) }, producedAtMs, traceparent),
    visit: (visit, producedAtMs, traceparent) =>
      codec.visit({ ...visit, sourceClass: classifySource(visit.source, lists) }, producedAtMs, traceparent),
  };
}
