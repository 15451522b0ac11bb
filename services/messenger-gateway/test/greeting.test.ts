import { combineGreetings } from '@messtrack/workspace/greeting-parts.ts';
import { reportGreetings } from '@messtrack/workspace/greeting-report.ts';
import { wordsOf } from '@messtrack/workspace/words.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGreetings } from '../src/domain/greeting.ts';
import { indexWords, isOneSlip } from '../src/domain/near-words.ts';

const TEMPLATE = '{greeting} (request no. {code})';
const PARTS = [
  ['Hello.', 'Good day.', 'Hi there.', 'Greetings to you.'],
  ['I have a question', 'I would like to ask', 'Please tell me more', 'Could somebody explain'],
  ['about your offer', 'on the prices', 'regarding delivery', 'concerning an order'],
  ['when you have time', 'as soon as possible', 'if that suits', 'before the weekend'],
];
const { greetings } = combineGreetings(PARTS, 64);
const recognise = compileGreetings([{ placement: 'site', greetings, codeTemplate: TEMPLATE }]);

describe('64 greetings of one placement', () => {
  it('each is known with the code cut out, alone and in capitals', () => {
    for (const [variant, greeting] of greetings.entries()) {
      for (const text of [`${greeting} (request no. )`, greeting, `${greeting.toUpperCase()} 🙂`])
        expect(recognise(text)).toEqual({ placement: 'site', variant, similarity: 1 });
    }
  });

  it('each is known after fewer edits than half the distance to the next, and never taken for another', () => {
    const nearest = reportGreetings(greetings).nearest!;
    const allowed = Math.ceil(nearest / 2) - 1;
    expect(allowed).toBeGreaterThanOrEqual(1);
    const edit = fc.record({
      kind: fc.constantFrom('insert', 'delete', 'replace'),
      at: fc.nat(),
      word: fc.constantFrom('xyzzy', 'plugh', 'фубар'),
    });
    fc.assert(
      fc.property(fc.nat({ max: greetings.length - 1 }), fc.array(edit, { maxLength: allowed }), (variant, edits) => {
        const words = wordsOf(greetings[variant]!);
        for (const { kind, at, word } of edits)
          words.splice(at % words.length, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [word]));
        expect(recognise(words.join(' '))).toMatchObject({ placement: 'site', variant });
      }),
    );
  });

  it('any edits and any words around them: the right one or none for sure is named while two words of three stand', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: greetings.length - 1 }),
        fc.nat(),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        (variant, at, around) => {
          const words = wordsOf(greetings[variant]!);
          words.splice(at % words.length, 1);
          const found = recognise([...around.slice(2), ...words, ...around.slice(0, 2)].join(' '));
          expect([variant, undefined]).toContain(found?.variant);
        },
      ),
    );
  });

  it('one slip of the finger per word is a word all the same', () => {
    for (const [variant, greeting] of greetings.entries()) {
      const slipped = greeting.replaceAll(/(\p{L}\p{L})(\p{L})(\p{L})(\p{L}*)/gu, '$1$3$2$4');
      expect(recognise(slipped)).toEqual({ placement: 'site', variant, similarity: expect.closeTo(1, 0) });
    }
  });

  it('what two of them share names the placement and neither', () => {
    const found = compileGreetings([
      { placement: 'site', greetings: ['Hello, I have a question please', 'Good day, I have a question please'], codeTemplate: TEMPLATE },
    ])('i have a question please');
    expect(found).toEqual({ placement: 'site', variant: undefined, similarity: 5 / 6 });
  });

  it('the same parts on several placements name the greeting and no placement', () => {
    const shared = compileGreetings(['a', 'b', 'c'].map((placement) => ({ placement, greetings, codeTemplate: TEMPLATE })));
    expect(shared(`${greetings[17]} thanks`)).toEqual({ placement: '', variant: 17, similarity: 1 });
    const [, ...rest] = wordsOf(greetings[17]!);
    expect(shared(rest.join(' '))).toMatchObject({ placement: '', variant: 17 });
  });

  it('longer than 31 words are compared by their beginning', () => {
    const long = (tail: string) => `${Array.from({ length: 31 }, (_, i) => `word${i}`).join(' ')} ${tail}`;
    const compiled = compileGreetings([{ placement: 'p', greetings: [long('one'), long('two')], codeTemplate: TEMPLATE }]);
    expect(compiled(long('one'))).toEqual({ placement: 'p', variant: 0, similarity: 1 });
    expect(compiled(long('three'))).toEqual({ placement: 'p', variant: undefined, similarity: 1 });
  });

  it('agrees with a longest common subsequence counted in a table', () => {
    const word = fc.constantFrom('aaaa', 'bbbb', 'cccc', 'dddd', 'eeee');
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 31 }), fc.array(word, { maxLength: 60 }), (greeting, text) => {
        const found = compileGreetings([{ placement: 'p', greetings: [greeting.join(' ')], codeTemplate: '{greeting} {code}' }])(
          text.join(' '),
        );
        const common = longestCommonSubsequence(greeting, text);
        const isTrace = common >= 2 && common / greeting.length >= 0.6;
        expect(found?.similarity).toBe(isTrace ? common / greeting.length : undefined);
      }),
    );
  });
});

describe('slips', () => {
  it('are found whatever the words, by the look-up as by comparing all', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), word, (words, asked) => {
        const expected = new Set(words.filter((each) => each.length >= 4 && asked.length >= 4 && isOneSlip(each, asked)));
        expect(new Set(indexWords(words).near(asked))).toEqual(expected);
      }),
    );
  });

  it.each([
    ['question', 'questoin', true],
    ['question', 'qestion', true],
    ['question', 'questions', true],
    ['question', 'quastion', true],
    ['question', 'question', false],
    ['question', 'quesiotn', false],
    ['abcd', 'bcde', false],
  ])('%s %s', (a, b, isSlip) => {
    expect([isOneSlip(a, b), isOneSlip(b, a)]).toEqual([isSlip, isSlip]);
  });
});

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1)
      table[i]![j] = a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[a.length]![b.length]!;
}
