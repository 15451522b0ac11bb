import { bundledGeoFiles, openGeo } from '@messtrack/ingest/adapters/geo-mmdb.ts';
import type { Geo } from '@messtrack/ingest/ports.ts';
import type { GivenPlace } from './line-fields.ts';

export const NOWHERE: GivenPlace = { country: '', region: '' };

/** Places of addresses, as the live path sees them. */
export interface Places {
  lookup(ip: string): GivenPlace | Promise<GivenPlace>;
}

/** The tables take a second and 130 MB: they are opened when the first address without a place comes, in most histories never. */
export function lazyPlaces(open: () => Promise<Geo> = () => openGeo(bundledGeoFiles())): Places {
  let geo: Geo | undefined;
  let opening: Promise<Geo> | undefined;
  return {
    lookup(ip) {
      if (geo !== undefined) return geo.lookup(ip);
      opening ??= open();
      return opening.then((opened) => {
        geo = opened;
        return opened.lookup(ip);
      });
    },
  };
}
