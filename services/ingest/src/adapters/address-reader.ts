import { LRUCache } from 'lru-cache';
import type { Addresses, AddressFacts, Geo, Networks } from '../ports.ts';

/** Those who open a page and tap come from one address within minutes, and an operator's thousands share a few: 10,000 of 200 bytes are 2 MB. */
const REMEMBERED = 10_000;

/** Where an address is and whose, looked up once while it keeps coming: the two tables cost 7 µs for an address they have not just been asked for. */
export function createAddressReader(geo: Geo, networks: Networks): Addresses {
  const known = new LRUCache<string, AddressFacts>({ max: REMEMBERED });
  return {
    read(ip) {
      const found = known.get(ip);
      if (found !== undefined) return found;
      const place = geo.lookup(ip);
      const network = networks.kindOf(ip);
      if (place instanceof Promise || network instanceof Promise) {
        // A table is still being loaded; those who come meanwhile wait for it together.
        return Promise.all([place, network]).then(([foundPlace, foundNetwork]) => ({ place: foundPlace, network: foundNetwork }));
      }
      const facts = { place, network };
      known.set(ip, facts);
      return facts;
    },
  };
}
