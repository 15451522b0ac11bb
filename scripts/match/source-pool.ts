import { EMPTY_SOURCE, type Source } from '@messtrack/matcher/domain/source.ts';
import type { ClickLine } from './click-line.ts';

/** A history has thousands of sources and millions of clicks: each source is one object, which keeps memory and comparison small. */
const MAX_POOLED = 100_000;

/** `campaign` of the line wins over `source.utm_campaign`: it is what its owner reports by. */
export function createSourcePool(): (line: Pick<ClickLine, 'campaign' | 'placement' | 'source' | 'sourceKind'>) => Source {
  const pool = new Map<string, Source>();
  return ({ campaign, placement, source, sourceKind: kind }) => {
    const utmCampaign = campaign === '' ? (source?.utmCampaign ?? '') : campaign;
    const { utmSource = '', utmMedium = '', utmContent = '', utmTerm = '' } = source ?? {};
    // Texts of lines hold no control characters (see line-fields.ts), so no two different tuples give the same key.
    const key = `${utmCampaign}\n${placement}\n${utmSource}\n${utmMedium}\n${utmContent}\n${utmTerm}\n${kind}`;
    const known = pool.get(key);
    if (known !== undefined) return known;
    const made = { ...EMPTY_SOURCE, utmSource, utmMedium, utmCampaign, utmContent, utmTerm, placement, kind };
    if (pool.size < MAX_POOLED) pool.set(key, made);
    return made;
  };
}
