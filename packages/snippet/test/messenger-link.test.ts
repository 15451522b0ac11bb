import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, readLink, withParameter } from '../src/page/messenger-link.ts';

describe('a messenger link', () => {
  it('says where it leads in every form', () => {
    const forms: Readonly<Record<string, string>> = {
      'https://wa.me/14155550100': 'wa.me:14155550100',
      'http://WWW.wa.me/+14155550100/?text=Hi': 'wa.me:14155550100',
      '//wa.me/14155550100': 'wa.me:14155550100',
      'https://api.whatsapp.com/send?phone=%2B1%20(415)%20555-0100': 'wa.me:14155550100',
      'https://web.whatsapp.com/send/?phone=14155550100': 'wa.me:14155550100',
      'https://www.whatsapp.com/send?phone=14155550100': 'wa.me:14155550100',
      'WhatsApp://send/?phone=14155550100': 'wa.me:14155550100',
      'whatsapp:send?phone=14155550100': 'wa.me:14155550100',
      'intent://send?phone=14155550100#Intent;scheme=whatsapp;end': 'wa.me:14155550100',
      'intent://wa.me/14155550100#Intent;scheme=https;package=com.whatsapp;end': 'wa.me:14155550100',
      'https://t.me/Acme_Bot': 't.me:acme_bot',
      'https://telegram.dog/acme_bot/?start=x': 't.me:acme_bot',
      'https://acme_bot.t.me/': 't.me:acme_bot',
      'tg://resolve?domain=Acme_Bot&start=x': 't.me:acme_bot',
      'tg:resolve?domain=acme_bot': 't.me:acme_bot',
      'intent://resolve?domain=acme_bot#Intent;scheme=tg;package=org.telegram.messenger;end': 't.me:acme_bot',
      'https://m.me/acme.shop?ref=x': 'm.me:acme.shop',
      'https://ig.me/m/acme.shop': 'ig.me:acme.shop',
      'https://vk.me/acme': 'vk.me:acme',
      'https://max.ru/acme_bot?start=1': 'max.ru:acme_bot',
    };
    for (const [href, to] of Object.entries(forms)) expect(readLink(href)?.to, href).toBe(to);
  });

  it('is none where no account is named', () => {
    const others = [
      '',
      '#',
      '/contact',
      'wa.me/14155550100',
      'https://wa.me/',
      'https://wa.me/?text=share',
      'https://wa.me/message/ABC',
      'https://wa.me/c/14155550100',
      'https://wa.me.evil.example/14155550100',
      'https://evil.example/wa.me/14155550100',
      'https://evil.example/?u=https://wa.me/14155550100',
      'https://whatsapp.com/channel/123',
      'https://faq.whatsapp.com/send?phone=14155550100',
      'https://t.me/acme_bot/12',
      'https://t.me/',
      'tg://join?invite=abc',
      'mailto:a@wa.me',
      'javascript:void(0)',
      'https://[bad',
    ];
    for (const href of others) expect(readLink(href), href).toBeUndefined();
  });

  it('takes a parameter and keeps all the rest byte for byte', () => {
    expect(withParameter('https://wa.me/1?app_absent=0&text=old&x=%zz#top', 'text', 'Hi & "hi" é+ñ\'s')).toBe(
      'https://wa.me/1?app_absent=0&x=%zz&text=Hi%20%26%20%22hi%22%20%C3%A9%2B%C3%B1%27s#top',
    );
    expect(withParameter('tg://resolve?domain=acme', 'start', 'K_p')).toBe('tg://resolve?domain=acme&start=K_p');
    expect(withParameter('https://t.me/acme?', 'start', 'K')).toBe('https://t.me/acme?start=K');
  });

  it('is the same link however a browser spells it, and gives back any text it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const href = withParameter('https://wa.me/14155550100?source_url=a', 'text', text);
        const link = readLink(href);
        expect(link?.text).toBe(text);
        expect(keyOf(readLink(new URL(href).href)!)).toBe(keyOf(link!));
      }),
    );
  });

  it('of any kind is read without a throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true })), (href) => {
        readLink(href);
        readLink(`whatsapp://${href}`);
      }),
      { numRuns: 50 },
    );
  });
});
