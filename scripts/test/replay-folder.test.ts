import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leadJson } from '@messtrack/matcher/adapters/lead-json.ts';
import { isRowSix } from '@messtrack/matcher/domain/lead.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Options, readOptions } from '../replay/options.ts';
import type { reportObject } from '../replay/report.ts';
import { run } from '../replay/run.ts';
import { standing } from './support/live-matcher.ts';
import { openTaughtAgency, type SmallAgency, surroundings } from './support/small-agency.ts';

type Report = ReturnType<typeof reportObject>;

describe('npm run replay on the data folder of a standalone', { timeout: 90_000 }, () => {
  let agency: SmallAgency;
  beforeAll(async () => {
    agency = await openTaughtAgency();
  }, 120_000);
  afterAll(() => agency.remove());

  async function replay(...args: string[]): Promise<{ code: number; report: Report; told: readonly string[] }> {
    const { around, printed, told } = surroundings();
    const code = await run(given('--data', agency.folder, '--json', ...args), around);
    return { code, report: JSON.parse(printed[0] ?? 'null'), told };
  }

  it('finds nothing that changes under the models that the log names', async () => {
    const { code, report } = await replay();
    const { compared, identical, changed, only_standing, only_replayed, unknown_models } = report;
    expect(code).toBe(0);
    expect({ changed, only_standing, only_replayed, unknown_models, unreadable: report.unreadable, before_log: report.before_log }).toEqual(
      {
        changed: 0,
        only_standing: 0,
        only_replayed: 0,
        unknown_models: [],
        unreadable: 0,
        before_log: 0,
      },
    );
    expect(identical).toBe(compared);
    expect(compared).toBeGreaterThan(500);
    const versions = await agency.withBus(async (bus) => new Set((await standing(bus)).map(({ modelVersion }) => modelVersion)));
    expect(versions.size).toBeGreaterThan(1);
  });

  it('says the same of each account as of all, although other accounts let the time pass', async () => {
    const whole = (await replay()).report.compared;
    let sum = 0;
    for (const account of ['acc-0', 'acc-1', 'acc-2', 'acc-3', 'acc-4']) {
      const { report } = await replay('--workspace', 'bench', '--account', account);
      expect(report.identical, account).toBe(report.compared);
      sum += report.compared;
    }
    expect(sum).toBe(whole);
  });

  it('compares the leads of a stretch of time and of a stretch of the log', async () => {
    const whole = (await replay()).report;
    const middle = new Date(Date.now() - 36 * 3_600_000).toISOString();
    const early = (await replay('--to', middle)).report;
    const late = (await replay('--from', middle)).report;
    expect(early.identical + late.identical).toBe(whole.identical);
    expect(Math.min(early.identical, late.identical)).toBeGreaterThan(100);

    const cut = whole.partitions.map(({ partition, end }) => `${partition}:${Math.floor(end / 2)}`).join(',');
    const head = (await replay('--to', cut)).report;
    const tail = (await replay('--from', cut)).report;
    // Up to an offset the newest revision before it counts: provisional leads of that moment are compared as such.
    expect(head.identical).toBe(head.compared);
    expect(head.identical + tail.identical).toBe(whole.identical);
  });

  it('tells how many leads change under another model, by how much and for which sources', async () => {
    const file = join(agency.folder, 'changed.jsonl');
    const { code, report } = await replay('--model', '0', '--changed', file);
    expect(code).toBe(2);
    expect(report.changed).toBeGreaterThan(20);
    expect(report.identical + report.same_answer + report.changed).toBe(report.compared);
    expect(report.changes.probability.leads).toBeGreaterThan(0);
    const before = report.sources.reduce((sum, source) => sum + source.before, 0);
    const after = report.sources.reduce((sum, source) => sum + source.after, 0);
    expect(before).toBeCloseTo(report.compared, 2);
    expect(after).toBeCloseTo(report.compared, 2);
    expect(report.sources.some(({ source, leads }) => source?.utmCampaign !== undefined && leads > 0)).toBe(true);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(report.changed);
    for (const line of lines) {
      const { before: stands, after: says } = JSON.parse(line);
      expect(stands.lead_id).toBe(says.lead_id);
      expect(says.model_version).toBe(0);
    }
  });

  it('writes corrections only when their number is confirmed, each once, and the leads carry the probabilities of the replay', async () => {
    const length = () =>
      agency.withBus(async (bus) => (await bus.offsets(TOPICS.touchpoints.name)).reduce((sum, { next }) => sum + next, 0));
    const before = await length();
    const dry = await replay('--model', '0', '--apply');
    const count = dry.report.corrections?.writable ?? 0;
    expect(dry.code).toBe(2);
    expect(count).toBeGreaterThan(20);
    const wrong = await replay('--model', '0', '--apply', '--confirm', String(count + 1));
    expect(wrong.code).toBe(1);
    expect(wrong.told.join()).toContain(`${count} corrections would be written`);
    const dryAgain = await replay('--model', '0', '--apply', '--confirm', String(count), '--dry-run');
    expect(dryAgain.report.corrections?.written).toBe(0);
    expect(await length()).toBe(before);

    const file = join(agency.folder, 'corrected.jsonl');
    const done = await replay('--model', '0', '--apply', '--confirm', String(count), '--changed', file);
    expect(done.code).toBe(0);
    expect(done.report.corrections?.written).toBe(count);
    expect(await length()).toBe(before + count);

    // The matcher has not come to them yet.
    const early = await replay('--model', '0', '--apply', '--confirm', '0');
    expect(early.report.corrections).toMatchObject({ writable: 0, written: 0, left_out: { already_written: count } });
    expect(await length()).toBe(before + count);

    await agency.live();
    const settled = await length();
    const said = new Map<string, unknown>(
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).after)
        .map((lead) => [lead.lead_id, answerIn(lead)]),
    );
    const corrected = (await agency.withBus(standing)).filter(({ evidence }) => evidence.some(({ term }) => term === 'replay'));
    expect(corrected).toHaveLength(count);
    for (const lead of corrected) {
      expect(answerIn(leadJson(lead))).toEqual(said.get(lead.leadId));
      expect(lead).toMatchObject({ state: 'corrected', modelVersion: 0 });
      expect(isRowSix(lead.method)).toBe(true);
    }
    const after = await replay('--model', '0', '--apply', '--confirm', '0');
    expect(after.report.corrections?.writable).toBe(0);
    expect(after.report.replayed_corrections).toBe(count);
    expect(dry.report.changed - after.report.changed).toBe(count);
    expect(await length()).toBe(settled);

    // Corrections are part of the log: folding it under its own models finds them again.
    const same = await replay();
    expect(same.code).toBe(0);
    expect(same.report.identical).toBe(same.report.compared);
  });

  it('says what it cannot do, and does nothing', async () => {
    const missing = await replay('--model', '4711');
    expect(missing.code).toBe(1);
    expect(missing.told.join()).toContain('model.v1 holds no model 4711');
    for (const [args, says] of [
      [['--account', 'acc-l'], 'hold no click and no message of account acc-l'],
      [['--workspace', 'bensh', '--account', 'acc-1'], 'hold no click and no message of workspace bensh and of account acc-1'],
      [['--from', '99:1'], 'touchpoints.v1 has no partition 99; it has 0, 1'],
    ] as const) {
      const mistyped = await replay(...args);
      expect(mistyped.code).toBe(1);
      expect(mistyped.report).toBeNull();
      expect(mistyped.told.join()).toContain(says);
    }
    const lock = await lockDataFolder(agency.folder);
    try {
      const locked = await replay();
      expect(locked.code).toBe(1);
      expect(locked.told.join()).toContain('in use by another process');
    } finally {
      await lock.release();
    }
    const { around, told } = surroundings();
    expect(await run(given('--data', join(agency.folder, 'nothing-here')), around)).toBe(1);
    expect(told.join()).toContain('is no data folder');
  });
});

function answerIn(
  lead: Pick<ReturnType<typeof leadJson>, 'method' | 'click_id' | 'probability' | 'p_none' | 'candidates' | 'source_shares'>,
) {
  const { method, click_id, probability, p_none, candidates, source_shares } = lead;
  return { method, click_id, probability, p_none, candidates, source_shares };
}

function given(...args: string[]): Options {
  const options = readOptions(args);
  if (options === 'help' || 'problems' in options) throw new Error(`the test asks for something odd: ${JSON.stringify(options)}`);
  return options;
}
