/** When a card of a linked device is the trace of an ad, and when it only looks like one. */
import { describe, expect, it } from 'vitest';
import { readAdCard, readEntryPoint } from '../src/adapters/ad-card.ts';

const CARD = { title: 'Sale', sourceType: 'ad', sourceId: '120208291002870000', sourceUrl: 'https://fb.me/x', ctwaClid: 'ARAk' };
const AD = { ctwaClid: 'ARAk', sourceId: '120208291002870000', sourceType: 'ad', sourceUrl: 'https://fb.me/x', headline: 'Sale' };

describe('is an ad', () => {
  it.each<readonly [string, object, object | undefined, object]>([
    ['that says so and names ad and click', CARD, { entryPointConversionSource: 'ctwa_ad' }, AD],
    ['without an entry point: not every engine passes one on', CARD, undefined, AD],
    ['in other case', { ...CARD, sourceType: 'AD' }, { entryPointConversionSource: 'CTWA' }, AD],
    ['without a click id: WhatsApp Status and the EU have none', { ...CARD, ctwaClid: undefined }, undefined, { ...AD, ctwaClid: '' }],
    [
      'in the spelling of whatsmeow',
      { title: 'Sale', sourceType: 'ad', sourceID: CARD.sourceId, sourceURL: CARD.sourceUrl, ctwaClid: 'ARAk' },
      undefined,
      AD,
    ],
    ['of no type, where the conversion says FB_Ads', { ...CARD, sourceType: undefined }, { conversionSource: 'FB_Ads' }, AD],
    ['of no type, over a click on an ad', { ...CARD, sourceType: undefined }, { entryPointConversionSource: 'ctwa_ad' }, AD],
    ['of a post', { ...CARD, sourceType: 'post' }, undefined, { ...AD, sourceType: 'post' }],
    [
      'of a post, over the button under it',
      { ...CARD, sourceType: 'post' },
      { conversionSource: 'FB_Post', entryPointConversionSource: 'post_cta' },
      { ...AD, sourceType: 'post' },
    ],
    [
      'of no type, over the button under a post',
      { ...CARD, sourceType: undefined },
      { entryPointConversionSource: 'post_cta' },
      { ...AD, sourceType: 'post' },
    ],
    [
      'of no type, where the conversion says FB_Post',
      { ...CARD, sourceType: undefined },
      { conversionSource: 'FB_Post' },
      { ...AD, sourceType: 'post' },
    ],
  ])('a card %s', (_, card, context, expected) => {
    expect(readAdCard({ ...card }, context === undefined ? undefined : { ...context })).toEqual(expected);
  });
});

it('a click that stands in the context, without a card, is an ad', () => {
  const click = { ...AD, sourceId: '', sourceUrl: '', headline: '' };
  expect(readAdCard(undefined, { conversionSource: 'FB_Ads', entryPointConversionSource: 'ctwa_ad', ctwaClid: 'ARAk' })).toEqual(click);
  expect(readAdCard(undefined, { conversionSource: 'FB_Ads', ctwaClid: 'ARAk' })).toEqual(click);
});

describe('is no ad', () => {
  it.each<readonly [string, object | undefined, object | undefined]>([
    ['no card, whatever the entry point', undefined, { entryPointConversionSource: 'ctwa_ad' }],
    ['a click in a context that says nothing of an ad', undefined, { ctwaClid: 'ARAk' }],
    [
      'a click in the context of a link of ours',
      undefined,
      { ctwaClid: 'ARAk', conversionSource: 'FB_Ads', entryPointConversionSource: 'click_to_chat_link' },
    ],
    ['a card over a click on a link of ours', CARD, { entryPointConversionSource: 'click_to_chat_link' }],
    ['a card over a search', CARD, { entryPointConversionSource: 'global_search_new_chat' }],
    ['the card of a status', CARD, { entryPointConversionSource: 'status' }],
    ['an answer to a status', CARD, { remoteJid: 'status@broadcast' }],
    ['a link preview', { title: 'Sale', sourceUrl: 'https://acme.example' }, undefined],
    [
      'a card of a bot that shows ad attribution and names nothing',
      { ...CARD, sourceId: ' x ', ctwaClid: '', showAdAttribution: true },
      undefined,
    ],
    ['a card of another type', { ...CARD, sourceType: 'product' }, undefined],
  ])('%s', (_, card, context) => {
    expect(readAdCard(card === undefined ? undefined : { ...card }, context === undefined ? undefined : { ...context })).toBeUndefined();
  });
});

describe('the way into a chat', () => {
  it.each<readonly [string, object | undefined, object | undefined]>([
    [
      'in the words of WhatsApp',
      { entryPointConversionSource: 'click_to_chat_link', entryPointConversionApp: 'WhatsApp', entryPointConversionDelaySeconds: 4 },
      { source: 'click_to_chat_link', app: 'whatsapp', delaySeconds: 4 },
    ],
    ['without a delay', { entryPointConversionSource: 'CTWA_ad' }, { source: 'ctwa_ad', app: '', delaySeconds: undefined }],
    [
      'with a delay that is none',
      { entryPointConversionSource: 'x', entryPointConversionDelaySeconds: -1 },
      { source: 'x', app: '', delaySeconds: undefined },
    ],
    [
      'with a fraction',
      { entryPointConversionSource: 'x', entryPointConversionDelaySeconds: 1.5 },
      { source: 'x', app: '', delaySeconds: undefined },
    ],
    ['not told', { entryPointConversionApp: 'whatsapp' }, undefined],
    ['of no context', undefined, undefined],
  ])('%s', (_, context, expected) => {
    expect(readEntryPoint(context === undefined ? undefined : { ...context })).toEqual(expected);
  });
});
