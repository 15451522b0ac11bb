import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { describe, expect, it } from 'vitest';
import { qualityRecords } from '../src/adapters/quality-records.ts';
import { decodeState } from '../src/adapters/state-codec.ts';
import { askDecoy, decoyOdds } from '../src/domain/decoy.ts';
import { marksOf } from '../src/domain/marks.ts';
import { newQuestion } from '../src/domain/open-question.ts';
import { countAnswered, countTested, expectedOfTime } from '../src/domain/quality.ts';
import type { QualityReport } from '../src/domain/quality-report.ts';
import { noQuality } from '../src/domain/quality-sums.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, MINUTE, message, SECOND, source, T0, tick, type Unplaced } from './support/log-builder.ts';

/** The start of a day. */
const DAY0 = Math.floor(T0 / DAY) * DAY + DAY;

/** People who click every few minutes of a stretch of time; every fourth writes without code, the others with it; a few messages are nobody's. */
function traffic(fromMs: number, toMs: number, account = 'wa'): readonly Unplaced[] {
  const out: Unplaced[] = [];
  for (let at = fromMs, index = 0; at < toMs; at += 4 * MINUTE, index += 1) {
    const id = `${account}-${at}`;
    out.push(click({ id, code: `C${id}`, at, account, source: source({ placement: 'site', utmCampaign: `c${index % 3}` }) }));
    const isWriting = index % 3 === 0;
    const wrote = at + 20_000 + ((index * 7_919) % 90) * 1_000;
    if (isWriting)
      out.push(
        message({
          id: `m-${id}`,
          from: `p-${id}`,
          at: wrote,
          account,
          codes: index % 12 === 0 ? [] : [`C${id}`],
          country: 'US',
          region: 'CA',
        }),
      );
    if (index % 40 === 7) out.push(message({ id: `o-${id}`, from: `o-${id}`, at: wrote, account, country: 'FR' }));
  }
  return out;
}

async function reportsOf(touchpoints: readonly Unplaced[], batchSizes?: readonly number[]) {
  return (await foldLog(log(...touchpoints), batchSizes === undefined ? {} : { batchSizes })).quality;
}

const last = (reports: readonly QualityReport[], day: number) =>
  reports.findLast((report) => report.day === new Date(day).toISOString().slice(0, 10))!;

describe('quality', () => {
  it('is told hourly of an account that counted something, and finally when the day is over; days begin anew', async () => {
    const reports = await reportsOf([
      ...traffic(DAY0, DAY0 + 3 * HOUR),
      ...traffic(DAY0 + DAY + HOUR, DAY0 + DAY + 2 * HOUR),
      tick(DAY0 + 2 * DAY),
    ]);
    const first = reports.filter(({ day }) => day === new Date(DAY0).toISOString().slice(0, 10));
    expect(first.map(({ atMs, isLast }) => [(atMs - DAY0) / HOUR, isLast])).toEqual([
      [1, false],
      [2, false],
      [24, true],
    ]);
    const second = reports.filter(({ day }) => day === new Date(DAY0 + DAY).toISOString().slice(0, 10));
    expect(second.map(({ atMs, isLast }) => [(atMs - DAY0 - DAY) / HOUR, isLast])).toEqual([[24, true]]);
    expect(second.at(-1)!.sums.expectedClicked).toBeLessThan(first.at(-1)!.sums.expectedClicked);
  });

  it('counts every final lead once: identified ones, and those that row 6 answered', async () => {
    const touchpoints = traffic(DAY0, DAY0 + 10 * HOUR);
    const { leads, quality, answered, tested } = await foldLog(log(...touchpoints, tick(DAY0 + 12 * HOUR), tick(DAY0 + DAY)));
    const final = leads.filter(({ state }) => state === 'final');
    const { sums } = last(quality, DAY0);
    expect(sums.identifiedLeads).toBe(final.filter(({ method }) => method === 'exact_id').length);
    expect(sums.openMessages).toBe(answered.length);
    expect(sums.identifiedLeads + sums.openMessages).toBe(final.length);
    expect(sums.openClicked).toBeCloseTo(
      answered.reduce((sum, { pNone }) => sum + 1 - pNone, 0),
      9,
    );
    expect(sums.hiddenMessages).toBe(tested.length);
  });

  it('is the same however the log is cut, and over a snapshot in the middle of a day', async () => {
    const all = log(...traffic(DAY0, DAY0 + 30 * HOUR), ...traffic(DAY0 + 30 * HOUR, DAY0 + 31 * HOUR, 'other'), tick(DAY0 + 2 * DAY));
    const whole = (await foldLog(all)).quality;
    expect(whole.length).toBeGreaterThan(20);
    expect((await foldLog(all, { batchSizes: [1, 7, 50] })).quality).toEqual(whole);
    const head = await foldLog(all.slice(0, 300));
    const restored = decodeState(0, stateBytes(head.state), () => undefined)!;
    expect(stateBytes(restored)).toEqual(stateBytes(head.state));
    const tail = await foldLog(all.slice(300), { state: restored, joins: head.joins });
    expect([...head.quality, ...tail.quality]).toEqual(whole);
  });

  it("says that a provider's clock is an hour behind, for that account alone and until it is set right", async () => {
    // Local time sent as UTC: what was received now is said to be written an hour ago.
    const behind = traffic(DAY0, DAY0 + 20 * HOUR).map((each) =>
      each.kind === 'message' && each.observedAtMs < DAY0 + 10 * HOUR ? { ...each, eventTimeMs: each.eventTimeMs - HOUR } : each,
    );
    const reports = await reportsOf(
      [...behind, ...traffic(DAY0, DAY0 + 20 * HOUR, 'b'), tick(DAY0 + DAY)].toSorted((a, b) => a.observedAtMs - b.observedAtMs),
    );
    const ahead = (account: string, hour: number) =>
      reports.findLast((report) => report.account === account && report.atMs <= DAY0 + hour * HOUR)!.clockOffsetMs / SECOND;
    expect([ahead('wa', 5), ahead('wa', 10), ahead('wa', 16), ahead('wa', 24)]).toEqual([-3_600, -3_600, 0, 0]);
    for (const hour of [5, 10, 16, 24]) expect(ahead('b', hour)).toBe(0);
    const record = ModelRecord.decode(qualityRecords(reports.findLast(({ clockOffsetMs }) => clockOffsetMs !== 0)!, T0)[0]!.value);
    expect(record.kind).toMatchObject({ $case: 'quality', value: { clockOffsetS: -3_600 } });
  });

  it('asks one message in eight about clicks moved in time, by its id', async () => {
    const { quality, answered } = await foldLog(
      log(...traffic(DAY0, DAY0 + 23 * HOUR), ...traffic(DAY0, DAY0 + 23 * HOUR, 'b'), tick(DAY0 + DAY)),
    );
    const decoys = ['wa', 'b'].reduce((sum, name) => sum + quality.findLast(({ account }) => account === name)!.sums.decoyMessages, 0);
    expect(decoys).toBeGreaterThan(0);
    expect(decoys).toBeLessThan(answered.length / 3);
  });
});

describe('a decoy', () => {
  const asked = marksOf({ ...message({ id: 'q', from: 'q', at: 0, country: 'US', region: 'CA' }), offset: 0 }, 'q', 0);

  const history = traffic(DAY0 - 2 * DAY, DAY0 - DAY);

  /** Probability that a message 20 s after `delayMs` from the click gets from its decoys, at the moment it is written. */
  async function decoyOf(clickAt: number, delayMs: number, nth = 1, since: readonly Unplaced[] = []): Promise<number> {
    const own = click({ id: 'decoy', code: 'DECOY', at: clickAt });
    const timeMs = clickAt + delayMs + 20_000;
    const { state } = await foldLog(log(...history, own, ...since, tick(timeMs)));
    const before = stateBytes(state);
    const account = [...state.accounts.values()][0]!;
    const marks = { ...asked, timeMs };
    const question = newQuestion('q', 'q', marks, -1);
    const answer = askDecoy({ account, state }, question);
    const perS = 1 / (answer.organicPerS * answer.burst);
    const { odds } = decoyOdds({ account, state }, question, marks, { shiftMs: nth * 45 * MINUTE, perS });
    expect(stateBytes(state)).toEqual(before);
    if (nth === 1) expect(odds).toBeCloseTo(answer.total - 1, 9);
    return nth === 1 ? (answer.options[0]?.probability ?? 0) : odds / (1 + odds);
  }

  it('is a click of 45 minutes before, or of twice that, and changes nothing', async () => {
    expect(await decoyOf(DAY0, 45 * MINUTE)).toBeGreaterThan(0.7);
    expect(await decoyOf(DAY0, 90 * MINUTE)).toBeLessThan(0.2);
    expect(await decoyOf(DAY0, 90 * MINUTE, 2)).toBeGreaterThan(0.7);
    expect(await decoyOf(DAY0, DAY)).toBeLessThan(0.2);
  });

  it('is as free as it was at its time, whoever has written with its code since', async () => {
    const written = (afterMs: number) => [message({ id: 'm', from: 'p', at: DAY0 + afterMs, codes: ['DECOY'] })];
    expect(await decoyOf(DAY0, 45 * MINUTE, 1, written(10 * MINUTE))).toBeGreaterThan(0.7);
    expect(await decoyOf(DAY0, 45 * MINUTE, 1, written(10_000))).toBeLessThan(0.2);
  });
});

describe('what is counted', () => {
  const tested = (pTruth: number, pTop: number, pNone: number) => ({
    workspace: 'w',
    account: 'a',
    atMs: 0,
    pTruth,
    pTop,
    isTopRight: pTruth === pTop,
    pNone,
  });

  it('of a tested message: its loss, whether it was sure, and how sure it was of the click given that it was one', () => {
    const sums = noQuality();
    countTested(sums, tested(0.9, 0.9, 0.1));
    countTested(sums, tested(0.1, 0.4, 0.2));
    countTested(sums, tested(0, 0.8, 0));
    expect(sums).toMatchObject({ hiddenMessages: 3, hiddenConfident: 2, hiddenConfidentRight: 1 });
    expect(sums.hiddenLoss).toBeCloseTo(-Math.log(0.9) - Math.log(0.1) + Math.log(1e9), 9);
    expect(sums.hiddenLossSquares).toBeCloseTo(Math.log(0.9) ** 2 + Math.log(0.1) ** 2 + Math.log(1e9) ** 2, 9);
    // .9 of .9 is certain; .4 of .8 is a half; .8 of 1.
    expect(sums.tenths.slice(27)).toEqual([1, 1, 1]);
    expect(sums.tenths.slice(15, 18)).toEqual([1, 0.5, 0]);
    expect(sums.tenths.slice(24, 27)).toEqual([1, 0.8, 0]);
  });

  it('of an answer: the probability of some click and its variance', () => {
    const sums = noQuality();
    countAnswered(sums, { pNone: 0.25 });
    countAnswered(sums, { pNone: 1 });
    expect(sums).toMatchObject({ openMessages: 2, openClicked: 0.75, openClickedVariance: 0.1875 });
  });

  it('of time: messages of no click, each hour at its own rate', () => {
    const perS = new Float64Array(24).map((_, hour) => (hour === 1 ? 2 : 1) / 3_600);
    const model = { organicPerS: () => perS } as unknown as Parameters<typeof expectedOfTime>[0];
    expect(expectedOfTime(model, DAY0 + HOUR / 2, DAY0 + 2.5 * HOUR)).toBeCloseTo(0.5 + 2 + 0.5, 9);
    expect(expectedOfTime(model, DAY0, DAY0)).toBe(0);
    expect(expectedOfTime(model, DAY0 + HOUR, DAY0)).toBe(0);
  });
});

describe('a record of quality', () => {
  it('carries every sum, and the last of a day deletes the one of a week before', async () => {
    const reports = await reportsOf([...traffic(DAY0, DAY0 + 20 * HOUR), tick(DAY0 + DAY)]);
    const report = last(reports, DAY0);
    const day = new Date(DAY0).toISOString().slice(0, 10);
    const weekBefore = new Date(DAY0 - 7 * DAY).toISOString().slice(0, 10);
    const [told, deletion, ...more] = qualityRecords(report, T0);
    expect(more).toEqual([]);
    expect(told).toMatchObject({ topic: 'model.v1', partition: 1, key: `quality/acme/wa/${day}` });
    expect(deletion).toMatchObject({ partition: 1, key: `quality/acme/wa/${weekBefore}`, value: new Uint8Array(0) });
    const { kind, eventId } = ModelRecord.decode(told!.value);
    expect(eventId).toBe(`quality/acme/wa/${day}/${report.nextOffset}`);
    if (kind?.$case !== 'quality') throw new Error('no quality');
    const { value } = kind;
    expect(value).toMatchObject({
      day,
      atMs: DAY0 + DAY,
      warming: report.warming,
      identifiedLeads: report.sums.identifiedLeads,
      openMessages: report.sums.openMessages,
    });
    expect(value.calibration.reduce((sum, { messages }) => sum + messages, 0)).toBe(report.sums.hiddenMessages);
    expect(value.codeLoss).toHaveLength(4);
    for (const { rate, rateLow, rateHigh } of value.codeLoss) {
      expect(rateLow).toBeLessThan(rate);
      expect(rateHigh).toBeGreaterThan(rate);
    }
    expect(qualityRecords(reports[0]!, T0)).toHaveLength(1);
  });
});
