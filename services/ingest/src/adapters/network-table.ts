import { isIPv4, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ipv4Number, ipv6Network } from '../domain/ip-number.ts';
import { type NetworkKind, networkOf } from '../domain/network-class.ts';
import { type NetworkRanges, networkRangeBuilder } from '../domain/network-ranges.ts';
import type { Networks } from '../ports.ts';
import { readNetworkLines } from './network-csv.ts';

export interface NetworkFiles {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Autonomous systems as packed by ip-location-db: RouteViews, NRO and DB-IP, each CC BY 4.0. */
export function bundledNetworkFiles(): NetworkFiles {
  return {
    ipv4: fileURLToPath(import.meta.resolve('@ip-location-db/asn/asn-ipv4-num.csv')),
    ipv6: fileURLToPath(import.meta.resolve('@ip-location-db/asn/asn-ipv6-num.csv')),
  };
}

/**
 * Opens the tables of kinds of network by IP. Of 33 MB of text 4 MB stay in memory. As with places, IPv4 is read now and IPv6 when the first such address
 * comes. A look-up costs 0.3 µs.
 */
export async function openNetworks(files: NetworkFiles): Promise<Networks> {
  const v4 = await readRanges(files.ipv4, 2);
  let v6: NetworkRanges | undefined;
  let loading: Promise<void> | undefined;

  async function loadV6(): Promise<void> {
    v6 = await readRanges(files.ipv6, 0);
  }

  function kindOfV6(ranges: NetworkRanges | undefined, ip: string): NetworkKind {
    const [high, low] = ipv6Network(ip);
    return ranges?.kindOf(high, low) ?? 'unknown';
  }

  return {
    kindOf(ip) {
      if (isIPv4(ip)) return v4.kindOf(0, ipv4Number(ip));
      if (!isIPv6(ip)) return 'unknown';
      if (v6 !== undefined) return kindOfV6(v6, ip);
      loading ??= loadV6();
      return loading.then(() => kindOfV6(v6, ip));
    },
  };
}

/** Knows no network: for tests, and where no table may be kept. */
export const noNetworks: Networks = { kindOf: () => 'unknown' };

/** @param word which half of the 128 bits the ranges are told apart by: the low one for IPv4, the high one, the network, for IPv6 */
async function readRanges(file: string, word: 0 | 2): Promise<NetworkRanges> {
  const builder = networkRangeBuilder();
  // 84,000 systems hold the 412,000 ranges: judging a name costs more than reading its line.
  const kinds = new Map<number, NetworkKind>();
  await readNetworkLines(file, {
    isNew: (asn) => !kinds.has(asn),
    name: (asn, organisation) => void kinds.set(asn, networkOf(asn, organisation)),
    range: (first, last, asn) => builder.add(first[word]!, first[word + 1]!, last[word]!, last[word + 1]!, kinds.get(asn) ?? 'unknown'),
  });
  return builder.build();
}
