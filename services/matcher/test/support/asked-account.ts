import * as fc from 'fast-check';
import { expect } from 'vitest';
import { type AccountMatching, emptyMatching, type PlatformMatching } from '../../src/domain/account-matching.ts';
import { admit } from '../../src/domain/click-store.ts';
import type { Asked } from '../../src/domain/evidence.ts';
import type { Marks } from '../../src/domain/marks.ts';
import { registerClick } from '../../src/domain/matching.ts';
import { derivePlatform } from '../../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../../src/domain/model/platform-statistics.ts';
import type { ClickFacts, Device, Network, Wording } from '../../src/domain/touchpoint.ts';
import { click, DAY, HOUR, MINUTE, SECOND, source, T0 } from './log-builder.ts';
import { CAMPAIGNS, COUNTRIES, LANGUAGES, REGIONS } from './random-models.ts';

export const WINDOW_MS = 30 * DAY;

export type Given = Partial<ClickFacts> & { readonly at: number };

export const anyClick: fc.Arbitrary<Given> = fc
  .record({
    agoMs: fc.oneof(fc.integer({ min: -10 * SECOND, max: 10 * MINUTE }), fc.integer({ min: 0, max: 80 * HOUR })),
    country: fc.constantFrom('', ...COUNTRIES),
    region: fc.constantFrom('', ...REGIONS),
    languages: fc.constantFrom<readonly string[]>([], ...LANGUAGES.map((language) => [language])),
    device: fc.constantFrom<Device>('ios', 'android', 'desktop', 'unknown'),
    network: fc.constantFrom<Network>('fixed', 'mobile', 'hosting', 'vpn', 'unknown'),
    botScore: fc.constantFrom(-1, 0, 0.5, 1),
    greetingVariant: fc.integer({ min: -1, max: 3 }),
    campaign: fc.constantFrom(...CAMPAIGNS),
    visitorId: fc.constantFrom('', '', '', 'v1', 'v2'),
    isCoded: fc.boolean(),
  })
  .map(({ agoMs, campaign, isCoded, ...facts }) => ({
    ...(isCoded ? {} : { code: '' }),
    at: T0 - agoMs,
    source: source({ placement: campaign, utmCampaign: campaign }),
    ...facts,
  }));

export const anyMarks: fc.Arbitrary<Marks> = fc
  .record({
    country: fc.constantFrom('', ...COUNTRIES),
    region: fc.constantFrom('', ...REGIONS),
    language: fc.constantFrom('', ...LANGUAGES),
    device: fc.constantFrom<Device>('ios', 'android', 'desktop', 'unknown'),
    wording: fc.constantFrom<Wording>('greeting', 'other', 'unknown'),
    greetingVariant: fc.integer({ min: -1, max: 3 }),
    greetingPlacement: fc.constantFrom('', ...CAMPAIGNS),
  })
  .map((marks) => ({ messageId: 'm', timeMs: T0, ...marks }));

export const PLAIN: Marks = {
  messageId: 'm',
  timeMs: T0,
  country: '',
  region: '',
  language: '',
  device: 'unknown',
  wording: 'unknown',
  greetingVariant: -1,
  greetingPlacement: '',
};

export function accountWith(clicks: readonly Given[]): AccountMatching {
  const account = emptyMatching();
  for (const [index, given] of clicks.entries()) register(account, given, index);
  return account;
}

export function register(account: AccountMatching, { at, ...facts }: Given, index: number): void {
  const { click: made, observedAtMs } = click({ id: `c${index}`, code: `K${index}`, at, ...facts });
  expect(admit(account.clicks, made, observedAtMs, true)).toBe(true);
  registerClick(account, account.clicks.next - 1, made.greetingVariant);
}

export const PRIORS: PlatformMatching = { statistics: emptyPlatformStatistics(), platform: derivePlatform(emptyPlatformStatistics(), 0) };

export function asking(marks: Marks): Asked {
  return { leadId: 'l', marks, knownAtMs: T0, own: new Map(), asFree: -1 };
}
