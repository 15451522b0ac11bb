import * as fc from 'fast-check';
import type { Device, Network, Touchpoint, Wording } from '../../src/domain/touchpoint.ts';
import {
  click,
  contactChange,
  correction,
  DAY,
  edit,
  epoch,
  HOUR,
  log,
  MINUTE,
  message,
  model,
  SECOND,
  sent,
  source,
  T0,
  tick,
  type Unplaced,
} from './log-builder.ts';

export const CODES = ['AAAA', 'BBBB', 'CCCC', 'DDDD', 'EEEE', 'QWXYZT'];
/** One slip away from a code above, or from two. */
const DAMAGED = ['QWXYZ', 'QWXYTZ', 'AABA'];
export const PEOPLE = ['ann', 'bob', 'eve', 'dan', 'joe', 'kim'];
export const COUNTRIES = ['US', 'DE', 'BR'];
export const CAMPAIGNS = ['spring', 'autumn', 'winter'];
const ACCOUNTS = ['wa', 'wa', 'wa', 'tg'];

/** Steps between records: mostly seconds, sometimes hours, rarely weeks, so that every window opens and closes within one log. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 90 * SECOND }) },
  { weight: 3, arbitrary: fc.integer({ min: MINUTE, max: 3 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 40 * DAY }) },
);
const delay = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -5 * SECOND, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * DAY }) },
);
const code = fc.constantFrom(...CODES);
const person = fc.oneof(
  fc.constantFrom(...PEOPLE),
  fc.subarray(PEOPLE, { minLength: 1, maxLength: 2 }).filter((keys) => keys.length > 0),
);
const account = fc.constantFrom(...ACCOUNTS);
const device = fc.constantFrom<Device>('ios', 'android', 'desktop', 'unknown');
const language = fc.constantFrom('en', 'de', '');

type Make = (atMs: number, version: () => number) => Unplaced;

const makeClick: fc.Arbitrary<Make> = fc
  .record({
    code: fc.option(code, { nil: '' }),
    number: fc.nat(12),
    delay,
    isBot: fc.constantFrom(false, false, false, true),
    isInternal: fc.constantFrom(false, false, false, false, true),
    account,
    campaign: fc.constantFrom(...CAMPAIGNS, ''),
    placement: fc.constantFrom('site', 'poster'),
    facts: fc.record({
      country: fc.constantFrom(...COUNTRIES, ''),
      region: fc.constantFrom('N', 'S', ''),
      languages: language.map((each) => (each === '' ? [] : [each])),
      device,
      network: fc.constantFrom<Network>('fixed', 'mobile', 'vpn', 'unknown'),
      botScore: fc.constantFrom(-1, 0, 0.4, 1),
      greetingVariant: fc.constantFrom(-1, 0, 1, 5),
      visitorId: fc.constantFrom('', '', 'v1', 'v2'),
    }),
  })
  .map(
    ({ code: each, number, delay: ms, isBot, isInternal, account: of, campaign, placement, facts }) =>
      (at) =>
        click({
          id: each === '' ? `click-${number}` : `click-${each}`,
          code: each,
          at: at - ms,
          observed: at,
          isBot,
          isInternal,
          account: of,
          source: source({ placement, utmSource: 'ads', utmCampaign: campaign }),
          ...facts,
        }),
  );

const makeMessage: fc.Arbitrary<Make> = fc
  .record({
    id: fc.nat(60),
    person,
    delay,
    account,
    codes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(code, { maxLength: 2 }) }),
    damaged: fc.constantFrom('', '', '', '', '', ...DAMAGED),
    payload: fc.constantFrom<readonly string[]>([], [], [], [], ['AAAA'], ['BBBB']),
    rare: fc.constantFrom(
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      { referral: { ctwaClid: 'A1', sourceId: '7', sourceType: 'ad' } },
      { referral: { ctwaClid: '', sourceId: '', sourceType: '' } },
      { class: 'reaction' as const },
      { class: 'welcome' as const },
      { class: 'join' as const, inviteLinkName: 'site' },
      { inviteLinkName: 'poster' },
      { replyToMessageId: 'sent-1' },
      { forwarded: true },
      { isInternal: true },
    ),
    marks: fc.record({
      country: fc.constantFrom(...COUNTRIES, ''),
      region: fc.constantFrom('N', 'S', ''),
      language,
      device,
      wording: fc.constantFrom<Wording>('greeting', 'other', 'unknown'),
      greetingVariant: fc.constantFrom(-1, 0, 1, 5),
      greetingPlacement: fc.constantFrom('', '', 'site'),
    }),
  })
  .map(({ id, person: from, delay: ms, account: of, damaged, rare, marks, ...codes }) => (at) => {
    const made = message({ id: `m${id}`, from, at: at - ms, observed: at, account: of, ...codes, ...rare, ...marks });
    return damaged === '' ? made : { ...made, codes: [...made.codes, { code: damaged, carrier: 'visible', intact: false }] };
  });

const makeEdit: fc.Arbitrary<Make> = fc.record({ id: fc.nat(60), person, codes: fc.array(code, { maxLength: 2 }) }).map(
  ({ id, person: from, codes }) =>
    (at) =>
      edit({ id: `m${id}`, of: `m${id}`, from, at, codes }),
);

const makeSent: fc.Arbitrary<Make> = fc
  .record({ to: person, number: fc.nat(2), clickId: fc.constantFrom('', 'click-AAAA', 'click-form') })
  .map(
    ({ to, number, clickId }) =>
      (at) =>
        sent(at, `sent-${number}`, [to].flat(), { clickId, clickedAtMs: at - 5_000, source: source({ placement: 'site-form' }) }),
  );

const makeOther: fc.Arbitrary<Make> = fc.oneof(
  fc.constant<Make>((at) => tick(at)),
  makeSent,
  fc.constant<Make>((at, version) => model(at, version())),
  fc.record({ a: person, b: person }).map(
    ({ a, b }): Make =>
      (at) =>
        contactChange(at, [a].flat(), [b].flat()),
  ),
  fc
    .record({
      returningWindowMs: fc.constantFrom(HOUR, DAY, 90 * DAY),
      clickWindowMs: fc.constantFrom(HOUR, 30 * DAY),
      isDedicated: fc.boolean(),
    })
    .map(
      ({ isDedicated, ...windows }): Make =>
        (at) =>
          epoch(at, { ...windows, dedicatedSource: isDedicated ? source({ placement: 'sign' }) : undefined }),
    ),
  fc.constantFrom('', 'click-AAAA').map(
    (clickId): Make =>
      (at) =>
        correction(at, 'unknown', { clickId }),
  ),
);

/** Places records in a log; models get their versions in its order. */
function placed(steps: readonly (readonly [stepMs: number, make: Make])[]): readonly Touchpoint[] {
  let at = T0;
  let version = 0;
  const next = () => {
    version += 1;
    return version;
  };
  return log(
    ...steps.map(([ms, make]) => {
      at += ms;
      return make(at, next);
    }),
  );
}

/** Anything that may stand in a log, of everything that decisions look at. */
export const anyLog: fc.Arbitrary<readonly Touchpoint[]> = fc
  .array(
    fc.tuple(
      step,
      fc.oneof(
        { weight: 5, arbitrary: makeClick },
        { weight: 7, arbitrary: makeMessage },
        { weight: 1, arbitrary: makeEdit },
        { weight: 2, arbitrary: makeOther },
      ),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map(placed);

const shortStep = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 * SECOND }) },
  { weight: 2, arbitrary: fc.integer({ min: MINUTE, max: 50 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 30 * HOUR }) },
);

/** One account where many people write without code near many clicks: every answer takes from others. */
export const contestedLog: fc.Arbitrary<readonly Touchpoint[]> = fc
  .array(
    fc.tuple(
      shortStep,
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .record({
              code,
              number: fc.nat(40),
              campaign: fc.constantFrom(...CAMPAIGNS),
              greetingVariant: fc.constantFrom(0, 1),
              hasCode: fc.boolean(),
            })
            .map(
              ({ code: each, number, campaign, hasCode, greetingVariant }): Make =>
                (at) =>
                  click({
                    id: hasCode ? `click-${each}` : `click-${number}`,
                    code: hasCode ? each : '',
                    at,
                    greetingVariant,
                    source: source({ placement: campaign, utmCampaign: campaign }),
                  }),
            ),
        },
        {
          weight: 5,
          arbitrary: fc
            .record({
              id: fc.nat(400),
              code,
              hasCode: fc.constantFrom(false, false, false, true),
              lateMs: fc.constantFrom(0, 0, 0, 2 * MINUTE),
            })
            .map(
              ({ id, code: each, hasCode, lateMs }): Make =>
                (at) =>
                  message({
                    id: `m${id}`,
                    from: `p${id}`,
                    at: at - lateMs,
                    observed: at,
                    language: '',
                    wording: id % 3 === 0 ? 'greeting' : 'unknown',
                    greetingVariant: id % 2,
                    codes: hasCode ? [each] : [],
                  }),
            ),
        },
        {
          weight: 2,
          arbitrary: fc.record({ id: fc.nat(400), code }).map(
            ({ id, code: each }): Make =>
              (at) =>
                edit({ id: `m${id}`, of: `m${id}`, from: `p${id}`, at, codes: [each] }),
          ),
        },
        { weight: 1, arbitrary: fc.constant<Make>((at, version) => model(at, version())) },
        { weight: 1, arbitrary: fc.constant<Make>((at) => tick(at)) },
      ),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map(placed);
