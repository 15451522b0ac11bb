import { join } from 'node:path';
import { SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { startChild } from '@messtrack/testing/child.ts';
import { startFaultProxy } from '@messtrack/testing/fault-proxy.ts';
import { compareLedgers, type LedgerEntry } from '@messtrack/testing/ledger.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { click, delivery, goal, lead, leadOfKinds, message, poison, quality, statistics, tick, visit } from './events.ts';
import {
  caughtUp,
  column,
  deadLetters,
  type Exporter,
  ensureTopics,
  export_,
  newBusPlace,
  newWarehouse,
  openBus,
  produce,
  select,
} from './world.ts';

const BALANCED = { lost: [], duplicated: [], unexpected: [], changed: [], reordered: [] };

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Rows of lead_revisions as a ledger: the copies that have not merged yet are left out as a reader leaves them out, by FINAL. */
async function leadLedger(warehouse: Warehouse): Promise<LedgerEntry[]> {
  const rows = await select<{ id: string; value: string }>(
    warehouse,
    "SELECT concat(lead_id, '/', toString(revision)) AS id, concat(utm_campaign, ' ', click_id, ' ', ad_click_ids['gclid']) AS value FROM lead_revisions FINAL",
  );
  return rows.map(({ id, value }) => ({ id, key: id, value }));
}

function expectedLeads(ids: readonly number[], revision = 1): LedgerEntry[] {
  return ids.map((id) => ({ id: `lead-${id}/${revision}`, key: `lead-${id}/${revision}`, value: `spring click-${id} g-${id}` }));
}

async function closing(exporter: Exporter): Promise<void> {
  await exporter.running.close?.();
}

describe.each(['lmdb', 'kafka'] as const)('the exporter on %s', (kind) => {
  async function start(settings: Parameters<typeof export_>[2] = {}, url?: string) {
    const place = await newBusPlace(kind);
    const bus = await openBus(place);
    onTestFinished(() => bus.close());
    await ensureTopics(bus);
    const warehouse = await newWarehouse(url);
    return { place, bus, warehouse, go: () => export_(bus, warehouse, { groupId: `g-${place.prefix}`, ...settings }) };
  }

  it('brings every kind of record into its view, once', async () => {
    const { bus, warehouse, go } = await start();
    const ids = numbers(40);
    await produce(bus, [
      ...ids.flatMap((id) => [lead(id, 1), visit(id), click(id), message(id), tick(id), goal(id), delivery(id)]),
      ...ids.flatMap((id) => [lead(id, 2, 'autumn'), visit(id, 9)]),
    ]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    expect(await column(warehouse, 'leads', 'lead_id')).toEqual(ids.map((id) => `lead-${id}`).sort());
    expect(new Set(await column(warehouse, 'leads', "concat(utm_campaign, '/', toString(revision), '/', state)"))).toEqual(
      new Set(['autumn/2/final']),
    );
    expect(await select(warehouse, 'SELECT count() AS n, countDistinct(lead_id) AS leads FROM lead_revisions FINAL')).toEqual([
      { n: 80, leads: 40 },
    ]);
    expect(await column(warehouse, 'visits', 'landing_page')).toEqual(ids.map(() => 'https://acme.example/9'));
    expect(await column(warehouse, 'clicks', 'click_id')).toEqual(ids.map((id) => `click-${id}`).sort());
    expect(await column(warehouse, 'messages', 'message_id')).toEqual(ids.map((id) => `wamid.${id}`).sort());
    expect(await column(warehouse, 'goals', 'event_id')).toEqual(ids.map((id) => `goal-${id}`).sort());
    expect(await column(warehouse, 'deliveries', 'delivery_id')).toEqual(ids.map((id) => `delivery-${id}`).sort());
    expect(await select(warehouse, 'SELECT utm_campaign, sum(probability) AS leads FROM lead_shares GROUP BY utm_campaign')).toEqual([
      { utm_campaign: 'autumn', leads: 40 },
    ]);
    expect(await select(warehouse, 'SELECT sum(expected_goals) AS goals FROM daily_goals')).toEqual([{ goals: 40 }]);
    expect(await exporter.registry.getSingleMetricAsString('messtrack_exporter_records_total')).toContain(
      'topic="touchpoints.v1",outcome="unknown_event"} 40',
    );
    await closing(exporter);
  });

  it('keeps the newest quality of a day, with its rates, and leaves the rest of model.v1 to the matcher', async () => {
    const { bus, warehouse, go } = await start();
    await produce(bus, [
      statistics(3),
      quality('busy', 1, { hiddenMessages: 1, hiddenLogLossSum: 9, openMessages: 1 }),
      quality('quiet', 1),
      quality('busy', 2, {
        hiddenMessages: 4,
        hiddenLogLossSum: 2,
        hiddenLogLossSquares: 2,
        calibration: [
          { tenth: 5, messages: 1, probabilitySum: 0.5, right: 1 },
          { tenth: 9, messages: 3, probabilitySum: 2.8, right: 2 },
        ],
        hiddenConfident: 4,
        hiddenConfidentRight: 3,
        decoyMessages: 50,
        decoyConfident: 1,
        openMessages: 30,
        openClickedSum: 12,
        openClickedVariance: 3,
        expectedClicked: 10,
        expectedUnclicked: 15,
        clockOffsetS: -3600,
        codeLoss: [{ device: 1, kept: 95, lost: 5, rate: 0.05, rateLow: 0.02, rateHigh: 0.1 }],
      }),
      statistics(4),
    ]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    const rates =
      'round(log_loss, 6) AS loss, round(log_loss_error, 6) AS error, round(calibration_error, 6) AS ece, confident_precision AS precision, decoy_rate AS decoys, clicked_ratio AS clicked, unclicked_ratio AS unclicked, code_loss_devices AS devices, code_loss_rates_high AS high, clock_offset_s AS clock';
    expect(await select(warehouse, `SELECT account, toString(day) AS day, ${rates} FROM model_quality ORDER BY account`)).toEqual([
      {
        account: 'busy',
        day: '2025-11-24',
        loss: 0.5,
        error: 0.25,
        ece: 0.325,
        precision: 0.75,
        decoys: 0.02,
        clicked: 1.2,
        unclicked: 1.2,
        devices: ['ios'],
        high: [0.1],
        clock: -3600,
      },
      {
        account: 'quiet',
        day: '2025-11-24',
        loss: -1,
        error: -1,
        ece: -1,
        precision: -1,
        decoys: -1,
        clicked: -1,
        unclicked: -1,
        devices: [],
        high: [],
        clock: 0,
      },
    ]);
    expect(await deadLetters(bus, 'model.v1.dlq')).toEqual([]);
    await closing(exporter);
  });

  it('adds leads up by the kind of their source, beside rows from before there was one', async () => {
    const { bus, warehouse, go } = await start();
    const { SOURCE_KIND_AD: AD, SOURCE_KIND_ASSISTANT: ASSISTANT } = SourceKind;
    await produce(bus, [
      leadOfKinds(1, [[ASSISTANT, 1]]),
      leadOfKinds(2, [
        [AD, 0.5],
        [ASSISTANT, 0.25],
        [undefined, 0.25],
      ]),
    ]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    await warehouse.client.command({
      query: `INSERT INTO lead_revisions (workspace, lead_id, revision, account, started_at, has_source, placement, share_probabilities, share_has_source,
        share_utm_sources, share_utm_mediums, share_utm_campaigns, share_utm_contents, share_utm_terms, share_referrer_hosts, share_ad_ids, share_placements)
        SELECT 'acme', 'lead-old', 1, 'sales-wa', toDateTime64(1764000000, 3, 'UTC'), true, 'site-button', [0.7, 0.3], [true, false],
        ['', ''], ['', ''], ['', ''], ['', ''], ['', ''], ['', ''], ['', ''], ['site-button', '']`,
    });
    expect(await select(warehouse, 'SELECT lead_id, source_kind, share_source_kinds AS kinds FROM leads ORDER BY lead_id')).toEqual([
      { lead_id: 'lead-1', source_kind: 'assistant', kinds: ['assistant'] },
      { lead_id: 'lead-2', source_kind: 'ad', kinds: ['ad', 'assistant', ''] },
      { lead_id: 'lead-old', source_kind: '', kinds: ['', ''] },
    ]);
    expect(
      await select(
        warehouse,
        'SELECT has_source, source_kind, sum(probability) AS leads FROM lead_shares GROUP BY has_source, source_kind ORDER BY source_kind, has_source',
      ),
    ).toEqual([
      { has_source: false, source_kind: '', leads: 0.55 },
      { has_source: true, source_kind: '', leads: 0.7 },
      { has_source: true, source_kind: 'ad', leads: 0.5 },
      { has_source: true, source_kind: 'assistant', leads: 1.25 },
    ]);
    expect(
      await select(
        warehouse,
        "SELECT expected_leads AS leads, round(leads_uncertainty, 4) AS uncertainty, certain_leads AS certain FROM daily_leads_by_kind WHERE source_kind = 'assistant'",
      ),
    ).toEqual([{ leads: 1.25, uncertainty: 0.433, certain: 1 }]);
    await closing(exporter);
  });

  it('shows the evidence of a lead term by term, of its newest revision', async () => {
    const { bus, warehouse, go } = await start();
    const told = (bits: number) => [
      { term: 'delay', winnerBits: bits, runnerUpBits: 1.5, words: `wrote ${bits} s after the click` },
      { term: 'country', winnerBits: -0.25, runnerUpBits: 0, words: 'same country' },
    ];
    await produce(bus, [lead(1, 1, 'spring', told(1)), lead(1, 2, 'spring', told(6.8)), lead(2, 1)]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    expect(
      await select(warehouse, 'SELECT lead_id, place, term, winner_bits AS bits, words FROM lead_evidence ORDER BY lead_id, place'),
    ).toEqual([
      { lead_id: 'lead-1', place: 1, term: 'delay', bits: 6.8, words: 'wrote 6.8 s after the click' },
      { lead_id: 'lead-1', place: 2, term: 'country', bits: -0.25, words: 'same country' },
    ]);
    await closing(exporter);
  });

  it('counts clicks of programs and of the workspace itself apart', async () => {
    const { bus, warehouse, go } = await start();
    await produce(bus, [
      click(1, { network: 2, botScore: 0.25, botSigns: ['no_language'] }),
      click(2),
      click(3, { internal: true, internalReason: 'placement', botScore: 0.5 }),
      click(4, { bot: { isBot: true, reason: 'user_agent' }, botScore: 1 }),
    ]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    expect(
      await select(warehouse, 'SELECT network, bot_score, bot_signs, is_internal, internal_reason FROM clicks ORDER BY click_id'),
    ).toEqual([
      { network: 'mobile', bot_score: 0.25, bot_signs: ['no_language'], is_internal: false, internal_reason: '' },
      { network: '', bot_score: -1, bot_signs: [], is_internal: false, internal_reason: '' },
      { network: '', bot_score: 0.5, bot_signs: [], is_internal: true, internal_reason: 'placement' },
      { network: '', bot_score: 1, bot_signs: [], is_internal: false, internal_reason: '' },
    ]);
    const counts = 'sum(clicks) AS people, sum(bot_clicks) AS bots, sum(internal_clicks) AS own, sum(suspicious_clicks) AS suspicious';
    expect(await select(warehouse, `SELECT ${counts} FROM daily_clicks`)).toEqual([{ people: 2, bots: 1, own: 1, suspicious: 0.25 }]);
    await closing(exporter);
  });

  it('moves what it cannot read to the dead letters and goes on', async () => {
    const { bus, warehouse, go } = await start();
    await produce(bus, [lead(1, 1), poison('leads.v1'), poison('touchpoints.v1'), poison('goals.v1'), click(1), goal(1), lead(2, 1)]);
    const exporter = await go();
    await caughtUp(bus, exporter);
    expect(await column(warehouse, 'leads', 'lead_id')).toEqual(['lead-1', 'lead-2']);
    expect(await column(warehouse, 'clicks', 'click_id')).toEqual(['click-1']);
    for (const topic of ['leads.v1', 'touchpoints.v1', 'goals.v1']) {
      const letters = await deadLetters(bus, `${topic}.dlq`);
      expect(letters.map(({ reason, sourceTopic, raw }) => ({ reason, sourceTopic, raw: [...raw] }))).toEqual([
        { reason: 'undecodable', sourceTopic: topic, raw: [...poison(topic).value] },
      ]);
    }
    await closing(exporter);
  });

  it('moves a row the warehouse refuses to the dead letters; the rest of its batch goes in', async () => {
    const { bus, warehouse, go } = await start();
    const exporter = await go();
    await warehouse.client.command({ query: "ALTER TABLE goal_records ADD CONSTRAINT no_bad CHECK name != 'bad'" });
    await produce(bus, [...numbers(20).map((id) => goal(id)), goal(90, 'bad'), ...numbers(20).map((id) => goal(id + 20)), goal(91, 'bad')]);
    await caughtUp(bus, exporter);
    expect(await column(warehouse, 'goals', 'event_id')).toEqual(
      numbers(40)
        .map((id) => `goal-${id}`)
        .sort(),
    );
    const letters = await deadLetters(bus, 'goals.v1.dlq');
    expect(letters.map(({ reason }) => reason)).toEqual(['rejected_by_warehouse', 'rejected_by_warehouse']);
    expect(letters.map(({ detail }) => detail).join()).not.toContain('bad');
    await closing(exporter);
  });

  it('makes duplicates of the log vanish from every view', async () => {
    const { bus, warehouse, go } = await start({ maxRows: 7 });
    const exporter = await go();
    const records = numbers(10).flatMap((id) => [lead(id, 1), visit(id), click(id), message(id), goal(id), delivery(id)]);
    for (let round = 0; round < 3; round++) {
      await produce(bus, records.toReversed());
      await caughtUp(bus, exporter);
    }
    for (const view of ['leads', 'visits', 'clicks', 'messages', 'goals', 'deliveries', 'lead_shares']) {
      expect(await select(warehouse, `SELECT count() AS n FROM ${view}`), view).toEqual([{ n: 10 }]);
    }
    await closing(exporter);
  });

  it('waits for a warehouse that is away, within its memory, and catches up', async () => {
    const proxy = await startFaultProxy({ targetPort: Number(new URL(inject('clickhouseUrl')).port) });
    onTestFinished(() => proxy.close());
    const limits = { maxRows: 20, maxBufferedRows: 60, maxBatchRecords: 50 };
    const { bus, warehouse, go } = await start(limits, `http://127.0.0.1:${proxy.port}`);
    const exporter = await go();
    await produce(
      bus,
      numbers(10).map((id) => lead(id, 1)),
    );
    await caughtUp(bus, exporter);
    await proxy.refuse();
    const ids = numbers(500);
    await produce(
      bus,
      ids.map((id) => lead(id, 1)),
    );
    // The buffer fills to its limit and no further; nothing is committed meanwhile.
    while (exporter.running.value.bufferedRows() < limits.maxBufferedRows) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let look = 0; look < 10; look++) {
      expect(exporter.running.value.bufferedRows()).toBe(limits.maxBufferedRows);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const waiting = (await bus.lag(exporter.settings.groupId, 'leads.v1')).reduce((sum, { lag }) => sum + lag, 0);
    expect(waiting).toBe(500);
    expect(await exporter.registry.getSingleMetricAsString('messtrack_exporter_lag_records')).toContain('{topic="leads.v1"} 500');
    await expect(exporter.running.value.check()).rejects.toThrow();
    await proxy.heal();
    await caughtUp(bus, exporter);
    expect(compareLedgers(expectedLeads(ids), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
    await closing(exporter);
  });

  it('waits for a warehouse that has too many parts and refuses inserts, and catches up', async () => {
    const { bus, warehouse, go } = await start({ maxRows: 5 });
    const exporter = await go();
    await produce(bus, [lead(0, 1)]);
    await caughtUp(bus, exporter);
    const set = (settings: string) => warehouse.client.command({ query: `ALTER TABLE lead_revisions ${settings}` });
    await set('MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 1');
    const ids = numbers(30);
    await produce(
      bus,
      ids.map((id) => lead(id, 1)),
    );
    await expect.poll(() => exporter.running.value.check().then(String, String)).toContain('WarehouseAwayError');
    await set('RESET SETTING parts_to_delay_insert, parts_to_throw_insert');
    await caughtUp(bus, exporter);
    expect(compareLedgers(expectedLeads(ids), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
    expect(await deadLetters(bus, 'leads.v1.dlq')).toEqual([]);
    await closing(exporter);
  });

  it('sends what it holds when it stops, and the next one begins behind it', async () => {
    const { bus, warehouse, go } = await start({ maxAgeMs: 60_000 });
    const first = await go();
    await produce(
      bus,
      numbers(30).map((id) => lead(id, 1)),
    );
    while (first.running.value.bufferedRows() < 30) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await column(warehouse, 'leads', 'lead_id')).toEqual([]);
    await closing(first);
    expect(compareLedgers(expectedLeads(numbers(30)), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
    expect((await bus.lag(first.settings.groupId, 'leads.v1')).map(({ lag }) => lag)).toEqual([0, 0]);
  });

  it.each(['inserting', 'inserted'])('loses and doubles nothing when killed while %s', async (point) => {
    const place = await newBusPlace(kind);
    const warehouse = await newWarehouse();
    const ids = numbers(400);
    const groupId = `g-${place.prefix}`;
    const seeding = await openBus(place);
    await ensureTopics(seeding);
    await produce(
      seeding,
      ids.map((id) => lead(id, 1)),
    );
    await seeding.close();
    // A dead member of a Kafka group holds its partitions for the session timeout (30 s): one death there, two on the embedded log.
    for (const occurrence of kind === 'kafka' ? [1] : [1, 2]) {
      const child = await startChild({
        script: new URL('./exporter-child.ts', import.meta.url),
        args: [JSON.stringify(place), inject('clickhouseUrl'), warehouse.database, groupId],
        killAt: { point, occurrence },
      });
      const exit = await child.exited;
      expect(exit.signal, child.output()).toBe('SIGKILL');
    }
    const bus = await openBus(place);
    onTestFinished(() => bus.close());
    const exporter = await export_(bus, warehouse, { groupId });
    await caughtUp(bus, exporter);
    expect(compareLedgers(expectedLeads(ids), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
    expect(await select(warehouse, 'SELECT count() AS n FROM leads')).toEqual([{ n: ids.length }]);
    await closing(exporter);
  });
});

describe('the exporter with the warehouse in the process', () => {
  it('brings records in once, and drops no row for another insert’s token', async () => {
    const place = await newBusPlace('lmdb');
    const bus = await openBus(place);
    onTestFinished(() => bus.close());
    await ensureTopics(bus);
    const warehouse = await connectWarehouse({ path: join(place.where, 'warehouse') });
    const exporter = await export_(bus, warehouse, { groupId: `g-${place.prefix}`, maxRows: 9 });
    const ids = numbers(100);
    await produce(
      bus,
      ids.flatMap((id) => [lead(id, 1), click(id), goal(id)]),
    );
    await caughtUp(bus, exporter);
    expect(compareLedgers(expectedLeads(ids), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
    for (const view of ['leads', 'clicks', 'goals'])
      expect(await select(warehouse, `SELECT count() AS n FROM ${view}`), view).toEqual([{ n: 100 }]);
    await closing(exporter);
    await warehouse.close();
  });
});

describe('two exporters on Kafka', () => {
  it('share the partitions, and a rebalance in the middle neither loses nor doubles', async () => {
    const place = await newBusPlace('kafka');
    const warehouse = await newWarehouse();
    const bus = await openBus(place);
    const other = await openBus(place);
    onTestFinished(async () => {
      await bus.close();
      await other.close();
    });
    await ensureTopics(bus);
    const settings = { groupId: `g-${place.prefix}`, maxRows: 25 };
    const first = await export_(bus, warehouse, settings);
    const ids = numbers(1_000);
    await produce(
      bus,
      ids.slice(0, 500).map((id) => lead(id, 1)),
    );
    const second = await export_(other, warehouse, settings);
    await produce(
      bus,
      ids.slice(500).map((id) => lead(id, 1)),
    );
    await caughtUp(bus, first);
    await closing(first);
    await closing(second);
    expect(compareLedgers(expectedLeads(ids), await leadLedger(warehouse), { order: 'any' })).toEqual(BALANCED);
  });
});
