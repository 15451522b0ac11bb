import { readCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';
import { phoneOfWaId } from '@messtrack/workspace/wa-id.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOf } from '../src/adapters/language-detector.ts';
import { ARGENTINA, BRAZIL, MEXICO, NORTH_AMERICA } from '../src/domain/area-codes.ts';
import { readEventTime } from '../src/domain/event-time.ts';
import { compileGreetings } from '../src/domain/greeting.ts';
import { primaryLanguage } from '../src/domain/language.ts';
import { countryOfPhone } from '../src/domain/phone.ts';
import { regionOfPhone } from '../src/domain/phone-region.ts';

const NOW = Date.UTC(2026, 10, 24, 12);

describe('readEventTime', () => {
  it.each([
    ['1749416383', 1_749_416_383_000],
    [1_749_416_383, 1_749_416_383_000],
    // Milliseconds, by their size.
    ['1749416383123', 1_749_416_383_123],
    [1_749_416_383_123, 1_749_416_383_123],
    [99_999_999_999, NOW],
    [NOW / 1000 + 599, NOW + 599_000],
    // Two months late is still when it was written.
    [NOW / 1000 - 60 * 86_400, NOW - 60 * 86_400_000],
    // No time, or one from the future: the time of receipt.
    [0, NOW],
    ['0', NOW],
    [-5, NOW],
    [NOW / 1000 + 601, NOW],
    [NOW, NOW],
    ['999999999999999', NOW],
  ])('%j', (value, expected) => {
    expect(readEventTime(value, NOW)).toBe(expected);
  });

  it.each([[undefined], [null], [''], ['soon'], ['-1'], ['1e9'], [{}], [[]], [true], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    '%j is no time',
    (value) => {
      expect(readEventTime(value, NOW)).toBeUndefined();
    },
  );
});

describe('phone numbers', () => {
  it.each([
    ['16505551234', 'US', '+16505551234'],
    ['16135550100', 'CA', '+16135550100'],
    ['18765551234', 'JM', '+18765551234'],
    ['79161234567', 'RU', '+79161234567'],
    ['77011234567', 'KZ', '+77011234567'],
    ['447400123456', 'GB', '+447400123456'],
    ['447781123456', 'GG', '+447781123456'],
    ['5511912345678', 'BR', '+5511912345678'],
    ['551187654321', 'BR', '+5511987654321'],
    ['551132345678', 'BR', '+551132345678'],
    ['5215512345678', 'MX', '+525512345678'],
    ['525512345678', 'MX', '+525512345678'],
    ['5491123456789', 'AR', '+5491123456789'],
    ['541123456789', 'AR', '+5491123456789'],
    ['972541234567', 'IL', '+972541234567'],
    ['PHONE_NUMBER', '', ''],
    ['', '', ''],
    ['0000000000', '', ''],
    ['12345', '', ''],
    ['9'.repeat(20), '', ''],
  ])('%s', (waId, country, phone) => {
    expect([countryOfPhone(waId), phoneOfWaId(waId)]).toEqual([country, phone]);
  });

  it('has its country also where a number that cannot be began alike and came first', () => {
    expect([countryOfPhone('12125550'), countryOfPhone('12125550123')]).toEqual(['', 'US']);
  });
});

describe('languageOf', () => {
  /** Openings of real conversations. A wrong language is a failure; no answer is allowed for the short ones. */
  it.each([
    ['Hi, how much does it cost?', ['en']],
    ['Hello! I have a question', ['en', '']],
    ['Hi', ['']],
    ['ok', ['']],
    ['Здравствуйте! Хочу узнать цену', ['ru']],
    ['Добрый день, подскажите пожалуйста сколько стоит доставка', ['ru']],
    ['Привет', ['ru', '']],
    ['Добрий день, скільки коштує доставка?', ['uk']],
    ['Hola', ['es', '']],
    ['Hola, quiero información sobre el precio', ['es']],
    ['Buenas tardes', ['es']],
    ['Olá, gostaria de saber mais', ['pt', '']],
    ['Bom dia, tudo bem? Vocês entregam hoje?', ['pt']],
    ['Oi', ['']],
    ['Guten Tag, ich hätte eine Frage zur Lieferung', ['de']],
    ['Hallo', ['de', 'nl', '']],
    ['Merhaba, fiyat bilgisi alabilir miyim?', ['tr']],
    ['Selam', ['tr', '']],
    ['السلام عليكم كم السعر', ['ar']],
    ['שלום, אשמח לפרטים', ['he']],
    ['Bonjour, je voudrais un rendez-vous', ['fr']],
    ['👍👍👍👍', ['']],
    ['+1 555 010 99', ['']],
    ['price please', ['en', '']],
    ['Сколько стоит?', ['ru', '']],
    ['а доставка есть?', ['ru', '']],
    ['Хочу записаться', ['ru', '']],
    ['можно записаться на завтра?', ['ru']],
    ['Скільки коштує?', ['uk', '']],
    ['Дякую', ['']],
    ['HR John Doe', ['']],
    ['/echo hello!', ['']],
    ['https://example.com/ich-habe-eine-frage @acme_bot', ['']],
    ['Доброго дня, цікавить ціна', ['uk', '']],
    ['Cuánto cuesta?', ['es', '']],
    ['Me gustaría reservar una mesa', ['es']],
    ['Quanto custa?', ['pt', '']],
    ['Oi, vi o anúncio no instagram', ['pt', '']],
    ['Wie viel kostet das?', ['de', '']],
    ['Vielen Dank für die schnelle Antwort', ['de']],
    ['Randevu almak istiyorum', ['tr', '']],
    ['Сәлеметсіз бе, бағасы қанша?', ['']],
    ['je suis intéressé par votre offre', ['fr']],
    ['Ciao, vorrei informazioni', ['it', '']],
    ['hi is it available', ['en', '']],
    ['Добър ден, колко струва доставката?', ['bg', '']],
    ['Здраво, колико кошта достава?', ['sr', '']],
    ['Добры дзень, колькі каштуе дастаўка?', ['be']],
    ['Мне нужна консультация по поводу ремонта квартиры', ['ru']],
    ['Подскажите адрес', ['ru', '']],
  ])('%s', (text, allowed) => {
    expect(allowed).toContain(languageOf(text));
    // From memory too.
    expect(allowed).toContain(languageOf(text));
  });

  it('gives a language or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => /^([a-z]{2})?$/.test(languageOf(text))),
      { numRuns: 300 },
    );
  });

  it.each([
    ['pt-BR', 'pt'],
    ['zh_Hans', 'zh'],
    ['EN', 'en'],
    ['', ''],
    ['klingon', ''],
  ])('primaryLanguage(%s)', (tag, expected) => {
    expect(primaryLanguage(tag)).toBe(expected);
  });
});

describe('greetings', () => {
  const template = '{greeting} (request no. {code})';
  const recognise = compileGreetings([
    { placement: 'site', greetings: ['Hello! I have a question about delivery', 'Good day, please tell me more'], codeTemplate: template },
    {
      placement: 'sign',
      greetings: ['Здравствуйте! Увидел вашу вывеску в метро', 'Good day, please tell me more'],
      codeTemplate: template,
    },
    { placement: 'asia', greetings: ['こんにちは、質問があります'], codeTemplate: template },
  ]);
  const code = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));

  it.each([
    ['as it was sent', renderVisible('Hello! I have a question about delivery', code, template), 'site', 0, 1],
    ['with the code deleted', 'Hello! I have a question about delivery (request no. )', 'site', 0, 1],
    ['alone', 'hello i have a QUESTION about delivery!!!', 'site', 0, 1],
    ['with words added', 'Hello! I have a question about delivery to Berlin, how long?', 'site', 0, 1],
    ['shortened', 'hello, a question about delivery', 'site', 0, 5 / 7],
    ['Russian', 'здравствуйте, увидел вашу вывеску в метро', 'sign', 0, 1],
    ['Japanese', 'こんにちは、質問があります。', 'asia', 0, 1],
  ])('%s', (_, text, placement, variant, similarity) => {
    expect(recognise(readCodes(text).rest)).toEqual({ placement, variant, similarity });
  });

  it('of several placements name none of them', () => {
    expect(recognise('Good day, please tell me more')).toEqual({ placement: '', variant: 1, similarity: 1 });
  });

  it.each([
    ['Hello'],
    ['I want to buy a bicycle'],
    [''],
    ['👍'],
    ['delivery about question a have I hello'],
    ['Добрый день, сколько стоит?'],
  ])('%j is none', (text) => {
    expect(recognise(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void recognise(text)));
  });
});

describe('regions of numbers', () => {
  it.each([
    ['14155550100', 'California'],
    ['12125550100', 'New York'],
    ['14165550100', 'Ontario'],
    ['12425550100', ''],
    ['5511987654321', 'Sao Paulo'],
    ['551187654321', 'Sao Paulo'],
    ['5561987654321', 'Federal District'],
    ['525512345678', 'Mexico City'],
    ['5215512345678', 'Mexico City'],
    ['528112345678', 'Nuevo Leon'],
    ['5493415551234', 'Santa Fe'],
    ['543415551234', 'Santa Fe'],
    ['5491155551234', ''],
    ['18675551234', ''],
    ['491701234567', ''],
    ['79161234567', ''],
    ['1415555', ''],
  ])('%s is in "%s"', (waId, region) => {
    expect(regionOfPhone(waId, countryOfPhone(waId))).toBe(region);
  });

  it('are named once per code, with codes of the length of their plan', () => {
    for (const [codes, pattern] of [
      [NORTH_AMERICA, /^[2-9]\d{2}$/],
      [BRAZIL, /^[1-9]\d$/],
      [MEXICO, /^[2-9]\d{1,2}$/],
      [ARGENTINA, /^[2-3]\d{1,3}$/],
    ] as const) {
      const all = Object.values(codes).flatMap((list) => list.split(' '));
      expect(new Set(all).size).toBe(all.length);
      for (const code of all) expect(code).toMatch(pattern);
    }
  });

  it('say nothing of a country whose name is a property of every object', () => {
    expect(regionOfPhone('14155550100', 'constructor')).toBe('');
  });
});
