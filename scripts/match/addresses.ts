import { bundledGeoFiles, openGeo } from '@messtrack/ingest/adapters/geo-mmdb.ts';
import { bundledNetworkFiles, openNetworks } from '@messtrack/ingest/adapters/network-table.ts';
import type { Geo, Networks } from '@messtrack/ingest/ports.ts';
import type { Network } from '@messtrack/matcher/domain/touchpoint.ts';
import type { ClickLine } from './click-line.ts';
import type { GivenPlace } from './line-fields.ts';

export const NOWHERE: GivenPlace = { country: '', region: '' };

/** Where a click was made. */
export interface Whereabouts {
  readonly place: GivenPlace;
  readonly network: Network;
}

/** What an address tells, as the live path sees it. Answers at once, or later while a table is being loaded. */
export interface Addresses {
  place(ip: string): GivenPlace | Promise<GivenPlace>;
  network(ip: string): Network | Promise<Network>;
}

/** The tables take a second and 16 MB: each is opened when the first line needs it, in most histories never. */
export function lazyAddresses(
  open: { readonly geo: () => Promise<Geo>; readonly networks: () => Promise<Networks> } = {
    geo: async () => openGeo(bundledGeoFiles()),
    networks: () => openNetworks(bundledNetworkFiles()),
  },
): Addresses {
  const geo = lazy(open.geo);
  const networks = lazy(open.networks);
  return {
    place: (ip) => geo((table) => table.lookup(ip)),
    network: (ip) => networks((table) => table.kindOf(ip)),
  };
}

/** Opens once, when it is first asked; asks without waiting as soon as it is open. */
function lazy<T>(open: () => Promise<T>): <R>(ask: (opened: T) => R | Promise<R>) => R | Promise<R> {
  let opened: T | undefined;
  let opening: Promise<T> | undefined;
  return (ask) => {
    if (opened !== undefined) return ask(opened);
    opening ??= open();
    return opening.then((value) => {
      opened = value;
      return ask(value);
    });
  };
}

/** What the line gives wins over what its address tells. */
export function whereaboutsOf(
  { place, network, ip }: Pick<ClickLine, 'place' | 'network' | 'ip'>,
  addresses: Addresses,
): Whereabouts | Promise<Whereabouts> {
  const foundPlace = place ?? (ip === '' ? NOWHERE : addresses.place(ip));
  const foundNetwork = network !== 'unknown' || ip === '' ? network : addresses.network(ip);
  if (foundPlace instanceof Promise || foundNetwork instanceof Promise) {
    return Promise.all([foundPlace, foundNetwork]).then(([waitedPlace, waitedNetwork]) => ({
      place: waitedPlace,
      network: waitedNetwork,
    }));
  }
  return { place: foundPlace, network: foundNetwork };
}
