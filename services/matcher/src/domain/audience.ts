import type { Audience } from './model/audience.ts';
import { isLocated } from './model/strata.ts';
import { add, name, type Tally } from './model/tally.ts';
import type { ProfileTable } from './profiles.ts';

/** Scratch: clicks by place, as `profiles.places` numbers them. */
let byPlace = new Float64Array(256);

/**
 * Whom an account's live clicks show it to be for. Each counts as much as its kind is worth: programs stand in data centres, and what they prefer nobody speaks. Addresses of VPNs and data
 * centres say nothing of where anybody lives.
 */
export function audienceOf(profiles: ProfileTable, worth: Float64Array): Audience {
  const { places } = profiles;
  if (byPlace.length < places.size) byPlace = new Float64Array(2 * places.size);
  else byPlace.fill(0, 0, places.size);
  for (let index = 0; index < profiles.size; index += 1) {
    const clicks = profiles.clicks(index);
    if (clicks > 0) byPlace[profiles.placeIndex(index)]! += clicks * worth[profiles.stratum(index)]!;
  }
  const campaignHome = new Map<string, Tally>();
  const browser: Tally = new Map();
  for (let place = 0; place < places.size; place += 1) {
    const weight = byPlace[place]!;
    const { campaign, network, country, language } = profiles.place(place);
    if (weight === 0 || country === '' || !isLocated(network)) continue;
    add(browser, name(country, language), weight);
    let own = campaignHome.get(campaign);
    if (own === undefined) {
      own = new Map();
      campaignHome.set(campaign, own);
    }
    add(own, country, weight);
  }
  return { campaignHome, browser };
}
