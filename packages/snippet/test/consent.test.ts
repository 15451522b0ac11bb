import { describe, expect, it } from 'vitest';
import { type ConsentMode, consentModeSignal, decideConsent, takeConsentEntry, tcfSignal } from '../src/page/consent.ts';

const modeOf = (...entries: readonly unknown[]) => {
  const mode: ConsentMode = [{}, {}, {}];
  for (const entry of entries) takeConsentEntry(mode, entry);
  return consentModeSignal(mode);
};

describe('consent', () => {
  it('is what the page says, else no where anybody denies, else yes where anybody grants, else the default', () => {
    expect(decideConsent(false, {}, [{}, {}], false)).toEqual({ store: false, ads: false });
    expect(decideConsent(true, {}, [{}, {}], false)).toEqual({ store: true, ads: true });
    expect(decideConsent(false, {}, [{ store: true }, {}], false)).toEqual({ store: true, ads: false });
    expect(decideConsent(true, {}, [{ store: true, ads: true }, { store: false }], false)).toEqual({ store: false, ads: false });
    expect(decideConsent(false, { store: true }, [{ store: false, ads: true }], false)).toEqual({ store: true, ads: true });
    expect(decideConsent(true, { store: false }, [{ store: true, ads: true }], false)).toEqual({ store: false, ads: false });
    // Global Privacy Control holds where nobody was asked.
    expect(decideConsent(true, {}, [], true)).toEqual({ store: true, ads: false });
    expect(decideConsent(true, {}, [{ ads: true }], true)).toEqual({ store: true, ads: true });
  });

  it('of Consent Mode is the last update, else the default', () => {
    expect(modeOf()).toEqual({ store: undefined, ads: undefined });
    expect(modeOf(['consent', 'default', { analytics_storage: 'denied', ad_storage: 'denied', ad_user_data: 'denied' }])).toEqual({
      store: false,
      ads: false,
    });
    const granted = { analytics_storage: 'granted', ad_storage: 'granted', ad_user_data: 'granted' };
    expect(modeOf(['consent', 'default', { analytics_storage: 'denied' }], ['consent', 'update', granted])).toEqual({
      store: true,
      ads: true,
    });
    expect(modeOf(['consent', 'update', granted], ['consent', 'update', { analytics_storage: 'denied' }])).toEqual({
      store: false,
      ads: true,
    });
    // Version 2: both are needed, version 1 knows only the first.
    expect(modeOf(['consent', 'default', { ...granted, ad_user_data: 'denied' }]).ads).toBe(false);
    expect(modeOf(['consent', 'default', { ad_storage: 'granted' }]).ads).toBe(true);
    expect(modeOf(['consent', 'default', { ad_storage: 'denied', ad_user_data: 'granted' }]).ads).toBe(false);
  });

  it('of Consent Mode by default for some regions counts where it denies, in either order', () => {
    const everywhere = ['consent', 'default', { analytics_storage: 'granted' }];
    const europe = ['consent', 'default', { analytics_storage: 'denied', region: ['DE', 'FR'] }];
    expect(modeOf(everywhere, europe).store).toBe(false);
    expect(modeOf(europe, everywhere).store).toBe(false);
    expect(modeOf(['consent', 'default', { analytics_storage: 'granted', region: ['US'] }]).store).toBeUndefined();
    expect(modeOf(everywhere, europe, ['consent', 'update', { analytics_storage: 'granted' }]).store).toBe(true);
  });

  it('ignores everything else in the data layer', () => {
    const entries = [
      undefined,
      null,
      1,
      'consent',
      {},
      { event: 'consent' },
      [],
      ['consent'],
      ['consent', 'default'],
      ['consent', 'default', null],
      ['event', 'default', { analytics_storage: 'granted' }],
      ['consent', 'default', { analytics_storage: true, ad_storage: 'maybe' }],
    ];
    expect(modeOf(...entries)).toEqual({ store: undefined, ads: undefined });
  });

  it('of TCF needs purpose 1 and one that measures, and an answered banner', () => {
    const consents = { 1: true, 7: true, 8: true };
    expect(tcfSignal({ gdprApplies: true, eventStatus: 'tcloaded', purpose: { consents } })).toEqual({ store: true, ads: true });
    expect(tcfSignal({ gdprApplies: true, eventStatus: 'cmpuishown', purpose: { consents } })).toEqual({ store: false, ads: false });
    expect(tcfSignal({ eventStatus: 'useractioncomplete', purpose: { consents: { ...consents, 7: false } } })).toEqual({
      store: true,
      ads: false,
    });
    expect(tcfSignal({ eventStatus: 'useractioncomplete', purpose: { consents: { 7: true, 8: true } } })).toEqual({
      store: false,
      ads: false,
    });
    expect(tcfSignal({ eventStatus: 'useractioncomplete', purpose: {} })).toEqual({ store: false, ads: false });
    expect(tcfSignal({ gdprApplies: false })).toEqual({});
  });
});
