import type { TopicPartition } from './bus.ts';

/**
 * Steps of a processor's transaction, named by what has just been done. Between any two of them a process can be killed,
 * and the contract suite kills it there.
 */
export const TRANSACTION_PHASES = ['processed', 'outputs_sent', 'offsets_sent', 'committed'] as const;
export type TransactionPhase = (typeof TRANSACTION_PHASES)[number];

/** Told after each phase, in order. For tests: the bus goes on as soon as it returns. */
export type OnPhase = (phase: TransactionPhase, partition: TopicPartition) => void;
