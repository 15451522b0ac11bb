import type { Lead } from '../domain/lead.ts';
import type { Source } from '../domain/source.ts';
import type { PackReader } from './pack-reader.ts';
import { at } from './pack-values.ts';
import type { PackWriter } from './pack-writer.ts';
import { fromSourceKind, toSourceKind } from './source-codec.ts';

/** Each source of the lead once. By value, or a lead that was unpacked and packed again would take other bytes than before. */
export function sourcesOf({ source, candidates, sourceShares }: Lead): readonly Source[] {
  const found: Source[] = [];
  if (source !== undefined) found.push(source);
  for (const each of candidates) if (indexOf(found, each.source) < 0) found.push(each.source);
  for (const each of sourceShares) if (each.source !== undefined && indexOf(found, each.source) < 0) found.push(each.source);
  return found;
}

/** 0 for no source. */
export function placeOf(sources: readonly Source[], source: Source | undefined): number {
  return source === undefined ? 0 : indexOf(sources, source) + 1;
}

export function sourceAt(sources: readonly Source[], place: number): Source | undefined {
  return place === 0 ? undefined : at(sources, place - 1);
}

function indexOf(sources: readonly Source[], source: Source): number {
  const index = sources.indexOf(source);
  return index >= 0 ? index : sources.findIndex((other) => isSame(other, source));
}

function isSame(a: Source, b: Source): boolean {
  return (
    a.placement === b.placement &&
    a.utmCampaign === b.utmCampaign &&
    a.utmContent === b.utmContent &&
    a.utmTerm === b.utmTerm &&
    a.adId === b.adId &&
    a.utmSource === b.utmSource &&
    a.utmMedium === b.utmMedium &&
    a.referrerHost === b.referrerHost &&
    a.kind === b.kind &&
    a.clickIds.length === b.clickIds.length &&
    a.clickIds.every(([name, value], index) => name === b.clickIds[index]![0] && value === b.clickIds[index]![1])
  );
}

export function writeSource(to: PackWriter, source: Source): void {
  to.text(source.utmSource);
  to.text(source.utmMedium);
  to.text(source.utmCampaign);
  to.text(source.utmContent);
  to.text(source.utmTerm);
  to.text(source.referrerHost);
  to.text(source.adId);
  to.uint(source.clickIds.length);
  for (const [name, value] of source.clickIds) {
    to.text(name);
    to.text(value);
  }
  to.text(source.placement);
  to.uint(fromSourceKind(source.kind));
}

export function readSource(from: PackReader): Source {
  return {
    utmSource: from.commonText(),
    utmMedium: from.commonText(),
    utmCampaign: from.commonText(),
    utmContent: from.commonText(),
    utmTerm: from.commonText(),
    referrerHost: from.commonText(),
    adId: from.commonText(),
    clickIds: readClickIds(from),
    placement: from.commonText(),
    kind: toSourceKind(from.uint()),
  };
}

const NO_CLICK_IDS: Source['clickIds'] = [];

function readClickIds(from: PackReader): Source['clickIds'] {
  const count = from.uint();
  if (count === 0) return NO_CLICK_IDS;
  return Array.from({ length: count }, () => [from.commonText(), from.text()] as const);
}
