import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropReasonOf, peopleOf, readAddress } from '../src/adapters/whatsapp-jid.ts';

describe('an address', () => {
  it.each<readonly [string | undefined, object]>([
    ['79001234567@c.us', { kind: 'phone', value: '79001234567' }],
    ['79001234567@s.whatsapp.net', { kind: 'phone', value: '79001234567' }],
    ['79001234567:12@s.whatsapp.net', { kind: 'phone', value: '79001234567' }],
    ['79001234567', { kind: 'phone', value: '79001234567' }],
    ['176369157804064@lid', { kind: 'lid', value: '176369157804064' }],
    ['176369157804064:3@lid', { kind: 'lid', value: '176369157804064' }],
    ['120363@g.us', { kind: 'group', value: '' }],
    ['5544999999999-group', { kind: 'group', value: '' }],
    ['status@broadcast', { kind: 'status', value: '' }],
    ['120363@newsletter', { kind: 'group', value: '' }],
    ['0@s.whatsapp.net', { kind: 'service', value: '' }],
    ['0@c.us', { kind: 'service', value: '' }],
    ['867051314767696@bot', { kind: 'service', value: '' }],
    ['79001234567_1:12@s.whatsapp.net', { kind: 'phone', value: '79001234567' }],
    ['79001234567:99@hosted', { kind: 'phone', value: '79001234567' }],
    ['176369157804064:99@hosted.lid', { kind: 'lid', value: '176369157804064' }],
    ['ada@c.us', { kind: 'other', value: '' }],
    ['', { kind: 'other', value: '' }],
    [undefined, { kind: 'other', value: '' }],
  ])('%s', (text, address) => {
    expect(readAddress(text)).toEqual(address);
  });

  it('is read from any text without a throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void readAddress(text)));
  });
});

it.each([
  ['120363@g.us', 'group_chat'],
  ['120363@newsletter', 'group_chat'],
  ['status@broadcast', 'group_chat'],
  ['0@c.us', 'not_a_message'],
  ['79001234567@c.us', undefined],
  ['176369157804064@lid', undefined],
  ['ada@c.us', undefined],
  [undefined, undefined],
])('what is written at %s is dropped as %s', (address, reason) => {
  expect(dropReasonOf(address)).toBe(reason);
});

it('a person has the number first, each identifier once, whatever the order of the addresses', () => {
  const addresses = ['176369157804064@lid', '79001234567@s.whatsapp.net', undefined, '79001234567@c.us', '120363@g.us'];
  fc.assert(
    fc.property(fc.shuffledSubarray(addresses, { minLength: addresses.length }), (shuffled) => {
      expect(peopleOf(shuffled)).toEqual([
        { kind: 'wa_id', value: '79001234567' },
        { kind: 'lid', value: '176369157804064' },
      ]);
    }),
  );
});
