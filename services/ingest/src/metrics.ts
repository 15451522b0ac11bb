import { createDurations, createTallies, type Durations, type Tally } from '@messtrack/runtime/tally.ts';
import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import { BOT_SIGNS, type BotSign } from './domain/bot-score.ts';
import type { OwnClickReason } from './domain/own-click.ts';

/** Every metric of ingest, with its labels bound once: looking a label set up costs more than counting. */
export interface IngestMetrics {
  readonly clicks: {
    readonly redirect: { readonly person: Tally; readonly bot: Tally };
    readonly beacon: { readonly person: Tally; readonly bot: Tally };
    readonly sendback: { readonly person: Tally; readonly bot: Tally };
  };
  readonly internalClicks: Readonly<Record<OwnClickReason, Tally>>;
  readonly botSigns: Readonly<Record<BotSign, Tally>>;
  readonly sendbacks: Counter<'outcome'>;
  readonly visits: Counter;
  readonly refused: Counter<'route' | 'reason'>;
  readonly durableSeconds: Durations;
  readonly spooledRecords: Counter;
  readonly drainedRecords: Counter;
  readonly damagedBytes: Counter;
  readonly busAway: Gauge;
  readonly visitStoreFailures: Counter<'operation'>;
}

export function createIngestMetrics(registry: Registry, spoolBytes: () => number): IngestMetrics {
  const registers = [registry];
  const clicks = createTallies(
    {
      name: 'messtrack_ingest_clicks_total',
      help: 'Clicks made durable, by how they came (redirect, beacon, sendback) and whether a program made them (person, bot).',
      labelNames: ['origin', 'by'],
      registers,
    },
    {
      redirectPerson: { origin: 'redirect', by: 'person' },
      redirectBot: { origin: 'redirect', by: 'bot' },
      beaconPerson: { origin: 'beacon', by: 'person' },
      beaconBot: { origin: 'beacon', by: 'bot' },
      sendbackPerson: { origin: 'sendback', by: 'person' },
      sendbackBot: { origin: 'sendback', by: 'bot' },
    },
  );
  new Gauge({
    name: 'messtrack_ingest_spool_bytes',
    help: 'Bytes of records waiting on the local disk for the broker. 0 in normal operation.',
    registers,
    collect() {
      this.set(spoolBytes());
    },
  });
  const busAway = new Gauge({
    name: 'messtrack_ingest_bus_away',
    help: '1 while records go to the local spool because the broker does not take them in time, else 0.',
    registers,
  });
  busAway.set(0);
  return {
    clicks: {
      redirect: { person: clicks.redirectPerson, bot: clicks.redirectBot },
      beacon: { person: clicks.beaconPerson, bot: clicks.beaconBot },
      sendback: { person: clicks.sendbackPerson, bot: clicks.sendbackBot },
    },
    sendbacks: new Counter({
      name: 'messtrack_ingest_sendbacks_total',
      help: 'People who left a number to be written to first, by outcome: sent, queued, unconfirmed, or the reason why nobody wrote.',
      labelNames: ['outcome'],
      registers,
    }),
    internalClicks: createTallies<OwnClickReason, 'reason'>(
      {
        name: 'messtrack_ingest_internal_clicks_total',
        help: "Clicks marked as the workspace's own, by reason (placement, parameter, visitor, network).",
        labelNames: ['reason'],
        registers,
      },
      {
        placement: { reason: 'placement' },
        parameter: { reason: 'parameter' },
        visitor: { reason: 'visitor' },
        network: { reason: 'network' },
      },
    ),
    botSigns: createTallies<BotSign, 'sign'>(
      {
        name: 'messtrack_ingest_bot_signs_total',
        help: 'Signs of a program found on clicks, by name; a click may show several. Evidence only: no click is refused for it.',
        labelNames: ['sign'],
        registers,
      },
      Object.fromEntries(Object.keys(BOT_SIGNS).map((sign) => [sign, { sign }])) as Record<BotSign, { sign: string }>,
    ),
    visits: new Counter({ name: 'messtrack_ingest_visits_total', help: 'Visit records made durable.', registers }),
    refused: new Counter({
      name: 'messtrack_ingest_refused_total',
      help: 'Requests answered with an error, by route (redirect, clicks, visits, snippet, qr, account_health) and reason (the "error" of the answer).',
      labelNames: ['route', 'reason'],
      registers,
    }),
    durableSeconds: createDurations({
      name: 'messtrack_ingest_durable_seconds',
      help: 'Time until the records of a request were durable, at the broker or on disk. Seconds.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1],
      registers,
    }),
    spooledRecords: new Counter({ name: 'messtrack_ingest_spooled_records_total', help: 'Records written to the local spool.', registers }),
    drainedRecords: new Counter({
      name: 'messtrack_ingest_drained_records_total',
      help: 'Records of the local spool taken by the broker.',
      registers,
    }),
    damagedBytes: new Counter({
      name: 'messtrack_ingest_spool_damaged_bytes_total',
      help: 'Bytes of spool files that were no whole record: after a crash what had not been acknowledged, otherwise a damaged disk.',
      registers,
    }),
    busAway,
    visitStoreFailures: new Counter({
      name: 'messtrack_ingest_visit_store_failures_total',
      help: 'Calls the visit store did not answer in time, by operation (get, put). The click or visit was accepted without.',
      labelNames: ['operation'],
      registers,
    }),
  };
}
