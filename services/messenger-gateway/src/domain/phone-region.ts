import { ARGENTINA, BRAZIL, MEXICO, NORTH_AMERICA } from './area-codes.ts';

interface Plan {
  /** The digits that begin with the area code; undefined when the number is none of the plan. */
  readonly national: RegExp;
  readonly longest: number;
  readonly regions: ReadonlyMap<string, string>;
}

function plan(national: RegExp, longest: number, codes: Readonly<Record<string, string>>): Plan {
  const regions = new Map<string, string>();
  for (const [region, list] of Object.entries(codes)) for (const code of list.split(' ')) regions.set(code, region);
  return { national, longest, regions };
}

const NORTH_AMERICAN = plan(/^1(\d{10})$/, 3, NORTH_AMERICA);

/** Countries whose mobile numbers have area codes. WhatsApp's ids of Mexico and Argentina come with and without the digit of mobiles. */
const PLANS: Readonly<Record<string, Plan>> = {
  US: NORTH_AMERICAN,
  CA: NORTH_AMERICAN,
  BR: plan(/^55(\d{10,11})$/, 2, BRAZIL),
  MX: plan(/^521?(\d{10})$/, 3, MEXICO),
  AR: plan(/^549?(\d{10})$/, 4, ARGENTINA),
};

/**
 * Region by area code, spelled as the table of places by IP spells it; empty where a mobile number has no area code, which is in most countries, or where the code is of two
 * regions. It is where the number was given out: people move, and keep it.
 */
export function regionOfPhone(waId: string, country: string): string {
  const known = Object.hasOwn(PLANS, country) ? PLANS[country] : undefined;
  const national = known?.national.exec(waId)?.[1];
  if (known === undefined || national === undefined) return '';
  for (let length = known.longest; length >= 2; length -= 1) {
    const region = known.regions.get(national.slice(0, length));
    if (region !== undefined) return region;
  }
  return '';
}
