/**
 * The topic catalogue: the one list from which topics are created, docs/topics.md and the AsyncAPI document are generated.
 * Whoever adds a topic adds it here and nowhere else.
 */
export interface TopicSpec {
  /** Topic name, `noun.vN`. A breaking change of the value is a new topic. */
  readonly name: string;
  /** Protobuf message of the value, in package messtrack.v1. */
  readonly value: string;
  /** What the record key is, its forms separated by ` | ` where there are several; it decides order and compaction. */
  readonly key: string;
  readonly partitions: number;
  /** `delete`: records go after `retentionMs`. `compact`: the newest record per key stays for ever, older ones at least `minCompactionLagMs`. */
  readonly cleanup: 'delete' | 'compact';
  /** How long records stay at least. Milliseconds; for compacted topics the lag before an older record of a key may go. */
  readonly retentionMs: number;
  /** Largest record in bytes, key and headers included. */
  readonly maxRecordBytes: number;
  /** One sentence for people who consume it. */
  readonly description: string;
  readonly producedBy: readonly string[];
  readonly consumedBy: readonly string[];
}

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

/** touchpoints.v1 and snapshots.v1 share a partition count: the snapshot of partition p lives in partition p. */
const TOUCHPOINT_PARTITIONS = 12;

export const TOPICS = {
  visits: {
    name: 'visits.v1',
    value: 'Visit',
    key: '{workspace}/{visit_id}',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: 30 * DAY_MS,
    maxRecordBytes: MIB,
    description: 'What is known of each browser session; a later record of the same key replaces an earlier one.',
    producedBy: ['ingest'],
    consumedBy: ['exporter'],
  },
  touchpoints: {
    name: 'touchpoints.v1',
    value: 'Touchpoint',
    key: '{workspace}/{account}',
    partitions: TOUCHPOINT_PARTITIONS,
    cleanup: 'delete',
    retentionMs: 60 * DAY_MS,
    maxRecordBytes: MIB,
    description:
      'Everything that bears on an attribution, per account in one total order: clicks, messages, contact changes, corrections, ticks and epochs.',
    producedBy: ['ingest', 'messenger-gateway', 'matcher'],
    consumedBy: ['matcher', 'exporter'],
  },
  outbound: {
    name: 'outbound.v1',
    value: 'OutboundRecord',
    key: '{workspace}/{account}',
    partitions: TOUCHPOINT_PARTITIONS,
    cleanup: 'delete',
    // Longer than an idempotency key is remembered (3 days), and no longer than that needs: records hold recipients and texts.
    retentionMs: 4 * DAY_MS,
    maxRecordBytes: MIB,
    description: 'The queue of messages to send: what was asked, each attempt before it is made, and what came of it.',
    producedBy: ['messenger-gateway'],
    consumedBy: ['messenger-gateway'],
  },
  leads: {
    name: 'leads.v1',
    value: 'Lead',
    key: '{lead_id}',
    partitions: 12,
    cleanup: 'compact',
    retentionMs: 30 * DAY_MS,
    maxRecordBytes: MIB,
    description: 'Attributed leads: the full state at every revision.',
    producedBy: ['matcher'],
    consumedBy: ['exporter'],
  },
  goals: {
    name: 'goals.v1',
    value: 'Goal',
    key: '{lead_id}',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: 60 * DAY_MS,
    maxRecordBytes: MIB,
    description:
      'What happened to leads later: what was reported at POST /v1/goals (qualified, ordered, paid), and what Meta says it detected (meta.LeadSubmitted, meta.Purchase).',
    producedBy: ['matcher'],
    consumedBy: ['exporter'],
  },
  deliveries: {
    name: 'deliveries.v1',
    value: 'Delivery',
    key: '{lead_id}',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: 30 * DAY_MS,
    maxRecordBytes: MIB,
    description: 'Every attempt to hand a lead or a goal to a destination, with its answer. No destination is served yet.',
    producedBy: [],
    consumedBy: ['exporter'],
  },
  model: {
    name: 'model.v1',
    value: 'ModelRecord',
    key: 'model/{version} | statistics/{partition} | quality/{workspace}/{account}/{day}',
    // 0: versions and statistics, little, read whole whenever a matcher starts. 1: quality, a record per account and hour.
    partitions: 2,
    cleanup: 'compact',
    // Each record of a key says all that the one before said, and more.
    retentionMs: 3_600_000,
    // Below what a dead letter holds, so that a record that cannot be read is kept whole.
    maxRecordBytes: 3 * MIB,
    description:
      'Parameters of every model version a lead may name and the sums each partition has learned so far (partition 0), and how well the matcher does per account and day (partition 1).',
    producedBy: ['matcher'],
    consumedBy: ['matcher', 'exporter'],
  },
  snapshots: {
    name: 'snapshots.v1',
    value: 'Snapshot',
    key: '{partition}/{place}/{chunk_index}',
    partitions: TOUCHPOINT_PARTITIONS,
    cleanup: 'compact',
    retentionMs: 60_000,
    maxRecordBytes: MIB,
    description: 'State of the matcher per partition of touchpoints.v1, so that a restart folds only the tail of the log.',
    producedBy: ['matcher'],
    consumedBy: ['matcher'],
  },
  touchpointsDlq: {
    name: 'touchpoints.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Webhooks and touchpoints that could not be read, with reason and raw bytes.',
    producedBy: ['messenger-gateway', 'matcher', 'exporter'],
    consumedBy: [],
  },
  outboundDlq: {
    name: 'outbound.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Records of the queue of messages to send that could not be read.',
    producedBy: ['messenger-gateway'],
    consumedBy: [],
  },
  leadsDlq: {
    name: 'leads.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Leads that could not be read.',
    producedBy: ['exporter'],
    consumedBy: [],
  },
  visitsDlq: {
    name: 'visits.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Visits that could not be read.',
    producedBy: ['exporter'],
    consumedBy: [],
  },
  goalsDlq: {
    name: 'goals.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Goals that could not be read.',
    producedBy: ['exporter'],
    consumedBy: [],
  },
  deliveriesDlq: {
    name: 'deliveries.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Delivery records that could not be read.',
    producedBy: ['exporter'],
    consumedBy: [],
  },
  modelDlq: {
    name: 'model.v1.dlq',
    value: 'DeadLetter',
    key: '{origin}',
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 90 * DAY_MS,
    maxRecordBytes: 4 * MIB,
    description: 'Model records that could not be read.',
    producedBy: ['exporter'],
    consumedBy: [],
  },
} as const satisfies Record<string, TopicSpec>;

/** All topics, in the order of the catalogue. */
export const TOPIC_LIST: readonly TopicSpec[] = Object.values(TOPICS);
