import { NETWORKS } from './strata.ts';
import { add, count, name, type Tally } from './tally.ts';

/** Leads in a wrong region of a country behind what is said of any network, and of one. */
const ALL_PRIOR = 10;
const NETWORK_PRIOR = 60;

/**
 * P(region of the IP | it is not the phone's, same country, network): mobile networks surface in the few places where operators have their hubs, lines at home around where people live. By
 * one table for all of them each spoke for the other.
 *
 * `hub`: network|country|region; what older models counted names no network, and speaks for all. `usual`: P(region | country) of phones.
 */
export function hubsOf(
  hub: Tally,
  usual: (country: string, region: string) => number,
): (network: number, country: string, region: string) => number {
  const own: Tally = new Map();
  const all: Tally = new Map();
  for (const [key, value] of hub) {
    const parts = key.split('|');
    const [network, country = '', region = ''] = parts.length === 3 ? parts : [undefined, ...parts];
    add(all, name(country, region), value);
    add(all, country, value);
    if (network === undefined) continue;
    add(own, key, value);
    add(own, name(network, country), value);
  }
  return (network, country, region) => {
    const ofAll = (count(all, name(country, region)) + ALL_PRIOR * usual(country, region)) / (count(all, country) + ALL_PRIOR);
    const of = NETWORKS[network]!;
    return (count(own, name(of, country, region)) + NETWORK_PRIOR * ofAll) / (count(own, name(of, country)) + NETWORK_PRIOR);
  };
}
