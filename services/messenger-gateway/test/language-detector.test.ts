import { readFileSync } from 'node:fs';
import { eld } from 'eld/extrasmall';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactNgrams, loadCompact } from '../src/adapters/language-detector.ts';

const SENTENCES = [
  'Hi, how much does it cost?',
  'Здравствуйте! Хочу узнать цену за 2 штуки',
  'Добрий день, скільки коштує доставка?',
  'Hola, quiero información sobre el precio',
  'Olá, gostaria de saber mais',
  'Guten Tag, ich hätte eine Frage zur Lieferung',
  'Merhaba, fiyat bilgisi alabilir miyim?',
  'السلام عليكم كم السعر',
  'שלום, אשמח לפרטים',
  'नमस्ते, इसकी कीमत क्या है?',
  'สวัสดีค่ะ ราคาเท่าไหร่',
  '你好，请问多少钱',
  'こんにちは、値段を教えてください',
  'Xin chào, giá bao nhiêu?',
  "l'été où j'étais là",
];
const words = SENTENCES.flatMap((sentence) => sentence.split(' '));
const source = readFileSync(new URL('../ngrams/extrasmall.js', import.meta.resolve('eld/extrasmall')), 'utf8');

describe('the compact table of eld', () => {
  it('is what is loaded, and answers as eld does, to the last score', async () => {
    const compact = await loadCompact();
    expect(compact).toBeDefined();
    const asked = fc.oneof(
      fc.constantFrom(...SENTENCES),
      fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((some) => some.join(' ')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(asked, (text) => {
        const [own, theirs] = [compact!.detect(text), eld.detect(text)];
        expect(own.isReliable()).toBe(theirs.isReliable());
        expect(Object.entries(own.getScores())).toEqual(Object.entries(theirs.getScores()));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused where the file is written in another way, so that the public one is loaded', () => {
    expect(compactNgrams(source)).toBeDefined();
    for (const changed of [
      source.slice(0, -20),
      `${source}\nexport const more = 1;`,
      source.replace('{0:176}', '{0:300}'),
      source.replace('isSubset:false', 'isSubset:true'),
      'export const ngramsData = {}',
      '',
    ])
      expect(changed === source ? 'unchanged' : compactNgrams(changed)).toBe(changed === source ? 'changed' : undefined);
  });
});
