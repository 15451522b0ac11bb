import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { middleOf, readBeliefs, readCases } from '../files.ts';
import { writeHistory } from '../history-writer.ts';
import { lastClickBeliefs } from '../peers/last-click.ts';
import { type RegimeName, regimeOf } from '../regimes.ts';
import { drawTraffic } from '../traffic.ts';

type Line = Readonly<Record<string, unknown>>;

const root = mkdtempSync(join(tmpdir(), 'messtrack-history-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function linesOf(folder: string, name: string): readonly Line[] {
  return readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

describe('a history', () => {
  const folder = join(root, 'late');
  let clicks: readonly Line[] = [];
  let messages: readonly Line[] = [];
  beforeAll(() => {
    writeHistory(folder, { regime: 'late', seed: 7, accounts: 3, days: 4 });
    clicks = linesOf(folder, 'clicks.jsonl');
    messages = linesOf(folder, 'messages.jsonl');
  });

  it('is the same for the same regime and seed, and another for another seed', () => {
    const [again, other] = [join(root, 'again'), join(root, 'other')];
    writeHistory(again, { regime: 'late', seed: 7, accounts: 3, days: 4 });
    writeHistory(other, { regime: 'late', seed: 8, accounts: 3, days: 4 });
    for (const name of ['clicks.jsonl', 'messages.jsonl', 'truth.jsonl', 'oracle.jsonl']) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect(readFileSync(join(again, name), 'utf8') === text).toBe(true);
      expect(readFileSync(join(other, name), 'utf8') === text).toBe(false);
    }
  });

  it('is in order of arrival, ids and codes unique', () => {
    const arrivals = (lines: readonly Line[]): readonly number[] => lines.map(({ received, time }) => Date.parse(String(received ?? time)));
    for (const lines of [clicks, messages]) {
      const times = arrivals(lines);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    }
    expect(messages.filter(({ received }) => received !== undefined).length).toBeGreaterThan(50);
    expect(new Set(clicks.map(({ code }) => code)).size).toBe(clicks.length);
  });

  it('says of every message who wrote it, and of every lost one what the oracle thinks', async () => {
    const truth = linesOf(folder, 'truth.jsonl');
    const byClick = new Map(clicks.map((click) => [click['id'], click]));
    expect(truth.map(({ message }) => message).sort()).toEqual(messages.map(({ id }) => id).sort());
    for (const { click, campaign } of truth) if (click !== null) expect(byClick.get(click)?.['campaign']).toBe(campaign);
    const open = messages.filter(({ code }) => code === undefined).map(({ id }) => id);
    expect([...(await readBeliefs(join(folder, 'oracle.jsonl'))).keys()].sort()).toEqual(open.sort());
  });

  it('is judged from its middle on', async () => {
    const middleMs = await middleOf(folder);
    expect(new Date(middleMs).toISOString()).toBe('2026-03-04T00:00:00.000Z');
    const cases = await readCases(folder, middleMs);
    const later = new Set(
      messages.filter(({ time, code }) => code === undefined && Date.parse(String(time)) >= middleMs).map(({ id }) => id),
    );
    expect(new Set(cases.map(({ message }) => message))).toEqual(later);
    expect(cases.length).toBeGreaterThan(20);
  });

  it('last click names the newest click of the account that no code has taken', async () => {
    const beliefs = await lastClickBeliefs(folder, { withinMs: 86_400_000, isSameCountry: false });
    const codes = new Map(clicks.map((click) => [`${click['account']} ${click['code']}`, click['id']]));
    const taken = new Set<unknown>();
    let compared = 0;
    for (const message of messages) {
      const claimed = codes.get(`${message['account']} ${message['code']}`);
      if (claimed !== undefined) {
        taken.add(claimed);
        continue;
      }
      const endMs = Date.parse(String(message['time'])) + 1000;
      const newest = clicks.findLast(
        (click) => click['account'] === message['account'] && !taken.has(click['id']) && Date.parse(String(click['time'])) < endMs,
      );
      expect([...beliefs.get(String(message['id']))!.candidates.keys()]).toEqual(newest === undefined ? [] : [newest['id']]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
  });
});

describe('the assumptions of the table hold in the traffic', () => {
  const shareOf = (name: RegimeName, days: number) => {
    const regime = regimeOf(name, { days });
    const traffic = Array.from({ length: 8 }, (_, at) => drawTraffic(regime, 21, at));
    const clicks = traffic.flatMap((one) => one.clicks);
    const messages = traffic.flatMap((one) => one.messages).filter(({ role }) => role === 'first');
    const own = messages.filter(({ click }) => click !== undefined);
    return {
      clicksPerHour: clicks.length / (8 * 24 * days),
      driven: own.length / clicks.length,
      lost: own.filter(({ isLost }) => isLost).length / own.length,
      organic: (messages.length - own.length) / own.length,
    };
  };

  it('base: 30 clicks an hour, a fifth of all clicks write, 5 % lose the code, organic a tenth', () => {
    const { clicksPerHour, driven, lost, organic } = shareOf('base', 20);
    expect(clicksPerHour).toBeGreaterThan(20);
    expect(clicksPerHour).toBeLessThan(40);
    expect(driven).toBeGreaterThan(0.16);
    expect(driven).toBeLessThan(0.22);
    expect(lost).toBeGreaterThan(0.042);
    expect(lost).toBeLessThan(0.055);
    // Accounts differ by Gamma(3)/3: the mean of eight has a standard error of a fifth.
    expect(organic).toBeGreaterThan(0.05);
    expect(organic).toBeLessThan(0.17);
  });

  it('organic, bots and sparse regimes differ from base in what they say', () => {
    const base = shareOf('base', 10);
    expect(shareOf('organic-high', 10).organic / base.organic).toBeGreaterThan(4);
    expect(shareOf('organic-low', 10).organic / base.organic).toBeLessThan(0.3);
    expect(shareOf('bots', 10).driven / base.driven).toBeLessThan(0.6);
    expect(shareOf('sparse', 20).clicksPerHour / base.clicksPerHour).toBeCloseTo(0.05, 1);
  });
});
