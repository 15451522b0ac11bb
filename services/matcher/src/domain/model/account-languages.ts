import type { AccountStatistics } from './account-statistics.ts';
import type { PlatformModel } from './platform-model.ts';
import { count, name, sumsByFirst, type Tally } from './tally.ts';

/** Messages behind what is expected to be written from phones of a country. */
const PRIOR = 30;
/** As many languages share what is left for those not seen yet. */
const UNSEEN_LANGUAGES = 50;
const MOST_FOREIGN = 0.95;

/**
 * P(language | country of the phone) of any first message to an account: what it has seen, and before that the country's languages by the platform as far as its phones
 * are those of people who live there, and its own people's as far as they are foreign numbers. Foreign numbers are few, but where hardly anybody comes from a
 * country they are most of its phones, and by the country's languages alone each of them seemed to say who had clicked: pairs of such messages with clicks had up to three
 * times the odds that they deserve.
 */
export class AccountLanguages {
  private readonly platform: PlatformModel;
  private readonly seen: Tally;
  private readonly organicHome: Float64Array;
  private readonly byCountry: ReadonlyMap<string, number>;
  private readonly byLanguage = new Map<string, number>();
  private all = 0;

  /** `organicHome`: P(country of the phone) of the account's messages of no click. */
  constructor(platform: PlatformModel, { language }: Pick<AccountStatistics, 'language'>, organicHome: Float64Array) {
    this.platform = platform;
    this.seen = language;
    this.organicHome = organicHome;
    this.byCountry = sumsByFirst(language);
    for (const [key, value] of language) {
      const spoken = key.slice(key.indexOf('|') + 1);
      this.byLanguage.set(spoken, (this.byLanguage.get(spoken) ?? 0) + value);
      this.all += value;
    }
  }

  share(country: string, language: string): number {
    const foreign = this.foreignPart(country);
    const expected = (1 - foreign) * this.platform.places.language(country, language) + foreign * this.shareOfAll(language);
    return (count(this.seen, name(country, language)) + PRIOR * expected) / ((this.byCountry.get(country) ?? 0) + PRIOR);
  }

  private foreignPart(country: string): number {
    const { places } = this.platform;
    const at = places.indexOf.get(country);
    return at === undefined ? 0 : Math.min(MOST_FOREIGN, (places.foreignNumbers * places.foreign[at]!) / this.organicHome[at]!);
  }

  private shareOfAll(language: string): number {
    return ((this.byLanguage.get(language) ?? 0) + 1 / UNSEEN_LANGUAGES) / (this.all + 1);
  }
}
