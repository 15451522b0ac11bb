import { describe, expect, it } from 'vitest';
import { drawAccount } from '../account.ts';
import { drawHome, drawMessage, drawPerson, likelihoodsOf, type MessageMarks, type VisitMarks } from '../marks.ts';
import { createRandom } from '../random.ts';
import { regimeOf } from '../regimes.ts';
import { COUNTRIES, DEVICES, LANGUAGES } from '../world.ts';

/** Every message that an account's channel can show; `greeting` has no part in these probabilities. */
function everyMessage(showsDevice: boolean): readonly MessageMarks[] {
  const places = COUNTRIES.flatMap(({ phoneShowsRegion, regions }, country) =>
    phoneShowsRegion ? regions.map((_, region) => ({ country, region })) : [{ country, region: -1 }],
  );
  const devices = showsDevice ? DEVICES.map((_, device) => device) : [-1];
  return places.flatMap((place) =>
    LANGUAGES.flatMap((_, language) => devices.map((device) => ({ ...place, language, device, greeting: -1 }))),
  );
}

describe.each(['base', 'vpn', 'wrong-geo', 'nat', 'qr'] as const)('in %s', (name) => {
  const regime = regimeOf(name);
  const account = drawAccount(regime, 3, 0, 0);
  const likelihoods = likelihoodsOf(regime, account);
  const messages = everyMessage(account.showsDevice);

  it('probabilities of all messages sum to one, for whoever wrote them', () => {
    expect(messages.reduce((sum, message) => sum + likelihoods.organic(message), 0)).toBeCloseTo(1, 9);
    const random = createRandom(5);
    for (let count = 0; count < 20; count += 1) {
      const { countries, regions } = account.campaigns[0]!;
      const visit = drawPerson(random, regime, 0, drawHome(random, countries, regions));
      const evidence = likelihoods.prepare(visit);
      expect(messages.reduce((sum, message) => sum + likelihoods.writtenBy(message)(visit, evidence), 0)).toBeCloseTo(1, 9);
    }
  });

  it('probabilities of all places and languages of a visit sum to one', () => {
    const base: VisitMarks = { campaign: 0, device: 1, network: 1, country: 0, region: 0, language: 0, second: -1, score: 20 };
    for (const network of [0, 1, 2, 3]) {
      let sum = 0;
      COUNTRIES.forEach(({ regions }, country) => {
        regions.forEach((_, region) => {
          LANGUAGES.forEach((_l, language) => {
            for (let second = -1; second < LANGUAGES.length; second += 1) {
              sum += likelihoods.prepare({ ...base, network, country, region, language, second }).total;
            }
          });
        });
      });
      expect(sum).toBeCloseTo(1, 9);
    }
  });
});

it('messages show what their probability given the visit says', () => {
  const regime = regimeOf('wrong-geo');
  const account = Array.from({ length: 20 }, (_, at) => drawAccount(regime, 4, at, 0)).find(
    ({ campaigns }) => COUNTRIES[campaigns[0]!.countries.indexOf(Math.max(...campaigns[0]!.countries))]!.phoneShowsRegion,
  )!;
  const likelihoods = likelihoodsOf(regime, account);
  const random = createRandom(6);
  const { countries, regions } = account.campaigns[0]!;
  let predicted = 0;
  let shown = 0;
  let variance = 0;
  for (let count = 0; count < 30_000; count += 1) {
    const home = drawHome(random, countries, regions);
    const visit = drawPerson(random, regime, 0, home);
    const message = drawMessage(random, regime, account, home, visit, -1);
    // The question asked of every visit: does the number show the region of the address?
    const same: MessageMarks = { ...message, country: visit.country, region: visit.region, language: -1, device: -1 };
    if (!COUNTRIES[visit.country]!.phoneShowsRegion) continue;
    const p = likelihoods.writtenBy(same)(visit, likelihoods.prepare(visit));
    predicted += p;
    variance += p * (1 - p);
    if (message.country === visit.country && message.region === visit.region) shown += 1;
  }
  expect(Math.abs(shown - predicted) / Math.sqrt(variance)).toBeLessThan(4);
  expect(predicted).toBeGreaterThan(1000);
});
