import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from '../match/options.ts';
import { run } from '../match/run.ts';
import { at, click, HOUR, MINUTE, message, textOf } from './match-support/history.ts';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'match-run-'));
  said = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function path(name: string): string {
  return join(folder, name);
}

/** Runs the command on the files `clicks.jsonl` and `messages.jsonl`. */
async function command(...more: readonly string[]): Promise<number> {
  const options = readOptions([
    '--clicks',
    path('clicks.jsonl'),
    '--messages',
    path('messages.jsonl'),
    '--out',
    path('leads.jsonl'),
    ...more,
  ]);
  if (options === 'help' || 'problems' in options) throw new Error('the options are wrong');
  let elapsed = 0;
  return run(options, {
    env: {},
    tell: (text) => said.push(text),
    elapsedMs: () => {
      elapsed += 500;
      return elapsed;
    },
    peakMemoryBytes: () => 1_000_000,
  });
}

function leads(): readonly { readonly message: string; readonly method: string }[] {
  return readFileSync(path('leads.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const CLICKS = [click('c1', 0, { code: 'abc' }), click('c2', HOUR, { code: 'def', campaign: 'brand' })];
const MESSAGES = [message('m1', MINUTE, { code: 'abc' }), message('m2', HOUR + MINUTE, { code: 'def' })];

describe('npm run match', () => {
  it('writes a line per lead and ends with 0', async () => {
    writeFileSync(path('clicks.jsonl'), textOf(CLICKS));
    writeFileSync(path('messages.jsonl'), textOf(MESSAGES));
    expect(await command()).toBe(0);
    expect(leads().map(({ message, method }) => [message, method])).toEqual([
      ['m1', 'exact_id'],
      ['m2', 'exact_id'],
    ]);
    expect(said).toEqual(['2 leads out of 2 clicks and 2 messages in 0.5 s\nexact_id 2']);
    expect(existsSync(path('leads.jsonl.partial'))).toBe(false);
  });

  it('names every bad line with its file, its number and all that is wrong with it, does the rest and ends with 2', async () => {
    writeFileSync(
      path('clicks.jsonl'),
      `\ufeff${textOf([CLICKS[0]!, '{"id":"c9"', { ...CLICKS[1], time: 'noon', device: 'fridge' }, CLICKS[1]!])}`,
    );
    writeFileSync(
      path('messages.jsonl'),
      Buffer.concat([
        Buffer.from(textOf([MESSAGES[0]!, '', { id: 'm9', contact: '+14155550100' }])),
        Buffer.from([0xc3, 0x28, 0x0a]),
        Buffer.from(JSON.stringify(MESSAGES[1])),
      ]),
    );
    expect(await command('--metrics', path('metrics.json'))).toBe(2);
    expect(leads().map(({ message }) => message)).toEqual(['m1', 'm2']);
    const time = 'time must be a time of ISO 8601 between 2000 and 2100, such as 2026-03-01T10:00:00.000Z';
    expect(said.slice(0, -1).sort()).toEqual([
      `${path('clicks.jsonl')}:2: is no JSON`,
      `${path('clicks.jsonl')}:3: ${time}; device must be one of ios, android, desktop`,
      `${path('messages.jsonl')}:3: time is missing; account is missing`,
      `${path('messages.jsonl')}:4: is not UTF-8`,
    ]);
    expect(said.at(-1)).toContain('4 bad lines skipped: 2 of clicks, 2 of messages');
    expect(JSON.parse(readFileSync(path('metrics.json'), 'utf8')).lines).toEqual({
      clicks: { good: 2, bad: 2, out_of_order: 0, left_behind: 0 },
      messages: { good: 2, bad: 2, out_of_order: 0, left_behind: 0 },
    });
  });

  it('says at the first line of a table or a list what a file must hold', async () => {
    writeFileSync(path('clicks.jsonl'), 'id,time,account\nc1,2026-03-01,a\n');
    writeFileSync(path('messages.jsonl'), JSON.stringify(MESSAGES));
    expect(await command()).toBe(2);
    expect(said.slice(0, -1)).toEqual([
      `${path('clicks.jsonl')}:1: is no JSON; the file must hold one JSON object a line`,
      `${path('clicks.jsonl')}:2: is no JSON`,
      `${path('messages.jsonl')}:1: is no JSON object; the file must hold one JSON object a line`,
    ]);
  });

  it('says of a file with its newest line first that it is to be sorted', async () => {
    const many = Array.from({ length: 1_100 }, (_, index) => message(`m${index}`, (1_100 - index) * MINUTE, { contact: `p-${index}` }));
    writeFileSync(path('clicks.jsonl'), textOf(CLICKS));
    writeFileSync(path('messages.jsonl'), textOf(many));
    expect(await command('--metrics', path('metrics.json'))).toBe(0);
    expect(said[0]).toBe(
      `${path('messages.jsonl')}: 75 lines stand more than 1024 lines behind later ones and were taken for late arrivals; sort the file by its times, oldest first`,
    );
    expect(JSON.parse(readFileSync(path('metrics.json'), 'utf8')).lines.messages).toEqual({
      good: 1_100,
      bad: 0,
      out_of_order: 1_099,
      left_behind: 75,
    });
  });

  it('takes empty files for a history in which nothing happened', async () => {
    writeFileSync(path('clicks.jsonl'), '');
    writeFileSync(path('messages.jsonl'), '');
    expect(await command('--metrics', path('metrics.json'), '--report', path('report.html'))).toBe(0);
    expect(readFileSync(path('leads.jsonl'), 'utf8')).toBe('');
    expect(JSON.parse(readFileSync(path('metrics.json'), 'utf8'))).toMatchObject({
      leads: 0,
      period: null,
      hidden_test: null,
      campaigns: [],
    });
    expect(readFileSync(path('report.html'), 'utf8')).toContain('There are no leads in this history');
  });

  it('counts in its metrics what it wrote', async () => {
    writeFileSync(path('clicks.jsonl'), textOf(CLICKS));
    writeFileSync(
      path('messages.jsonl'),
      textOf([...MESSAGES, message('m3', HOUR + 2 * MINUTE), message('m4', 2 * HOUR, { place: { country: 'KZ' } })]),
    );
    expect(await command('--metrics', path('metrics.json'), '--train-until', at(MINUTE + 1))).toBe(0);
    const metrics = JSON.parse(readFileSync(path('metrics.json'), 'utf8'));
    expect(leads().map(({ message }) => message)).toEqual(['m2', 'm3', 'm4']);
    expect(metrics).toMatchObject({
      workspace: null,
      train_until: at(MINUTE + 1),
      events: 6,
      leads: 3,
      accounts: 1,
      period: { from: at(HOUR + MINUTE), to: at(2 * HOUR) },
      late: 0,
      states: { final: 3 },
      seconds: 0.5,
      events_per_second: 12,
      peak_memory_bytes: 1_000_000,
    });
    const count = (counts: Record<string, number>) => Object.values(counts).reduce((sum, each) => sum + each, 0);
    expect([count(metrics.methods), count(metrics.resolved_to)]).toEqual([3, 3]);
    const expected = metrics.campaigns.reduce((sum: number, campaign: { expected: number }) => sum + campaign.expected, 0);
    expect(expected).toBeCloseTo(3, 1);
    expect(metrics.expected.from_clicks.expected + metrics.expected.none.expected).toBeCloseTo(3, 1);
    for (const { low, high, expected: middle } of metrics.campaigns) {
      expect(low).toBeLessThanOrEqual(middle);
      expect(high).toBeGreaterThanOrEqual(middle);
    }
  });

  it('ends with 1 when a file is missing or a folder, and touches nothing', async () => {
    writeFileSync(path('leads.jsonl'), 'what stood here before');
    expect(await command()).toBe(1);
    expect(said).toEqual([`${path('clicks.jsonl')} cannot be read (ENOENT)`]);
    mkdirSync(path('clicks.jsonl'));
    said = [];
    expect(await command()).toBe(1);
    expect(said).toEqual([`${path('clicks.jsonl')} cannot be read (EISDIR)`]);
    expect(readFileSync(path('leads.jsonl'), 'utf8')).toBe('what stood here before');
  });

  it('ends with 1 when a file is packed, and says how to give it', async () => {
    writeFileSync(path('clicks.jsonl'), textOf(CLICKS));
    writeFileSync(path('messages.jsonl'), gzipSync(textOf(MESSAGES)));
    expect(await command()).toBe(1);
    expect(said).toEqual([
      `${path('messages.jsonl')} cannot be read (it is gzip; give it unpacked, say as <(gunzip -c ${path('messages.jsonl')}))`,
    ]);
    expect(existsSync(path('leads.jsonl'))).toBe(false);
  });

  it('ends with 1 before it reads when a result has no folder to go to, and leaves no half result', async () => {
    writeFileSync(path('clicks.jsonl'), textOf(CLICKS));
    writeFileSync(path('messages.jsonl'), textOf(MESSAGES));
    expect(await command('--report', path('none/report.html'))).toBe(1);
    expect(said).toEqual([`${path('none/report.html')} cannot be written (ENOENT)`]);
    expect(existsSync(path('leads.jsonl'))).toBe(false);
    expect(existsSync(path('leads.jsonl.partial'))).toBe(false);
  });

  it('ends with 1 when the workspace file is wrong', async () => {
    expect(await command('--workspace', path('none.yaml'))).toBe(1);
    expect(said).toEqual([`${path('none.yaml')} cannot be read (ENOENT)`]);
  });
});

describe('the options of npm run match', () => {
  it('are all named at once when they are wrong', () => {
    expect(readOptions(['--train-until', 'soon'])).toEqual({
      problems: [
        '--clicks FILE is missing',
        '--messages FILE is missing',
        '--out FILE is missing',
        '--train-until takes a time of ISO 8601 between 2000 and 2100, such as 2026-03-01T00:00:00Z',
      ],
    });
  });

  it('say of a well-written time out of range which range that is', () => {
    const problem = expect.stringContaining('between 2000 and 2100');
    expect(readOptions(['--clicks', 'c', '--messages', 'm', '--out', 'o', '--train-until', '2999-01-01T00:00:00Z'])).toEqual({
      problems: [problem],
    });
  });

  it('that nobody knows are a problem, and help is help', () => {
    expect(readOptions(['--clikcs', 'a'])).toMatchObject({ problems: [expect.stringContaining('--clikcs')] });
    expect(readOptions(['--help'])).toBe('help');
  });

  it('must not write over what is read, nor one result over another, whatever the file is called', () => {
    writeFileSync(path('clicks.jsonl'), '');
    const options = [
      '--clicks',
      path('clicks.jsonl'),
      '--messages',
      'm',
      '--out',
      join(folder, '..', folder.split('/').at(-1)!, 'clicks.jsonl'),
    ];
    expect(readOptions([...options, '--metrics', 'r', '--report', 'r'])).toEqual({
      problems: ['--out and --clicks name the same file', '--report and --metrics name the same file'],
    });
  });
});
