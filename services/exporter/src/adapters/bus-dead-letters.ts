import { type BusRecord, BusUnavailableError, type Producer } from '@messtrack/runtime/bus.ts';
import { deadLetterRecord } from '@messtrack/runtime/dead-letter.ts';
import { createOutageLog, type OutageLog } from '@messtrack/runtime/outage-log.ts';
import { isAnyOf, withRetry } from '@messtrack/runtime/retry.ts';
import type { Logger } from 'pino';
import type { DeadLetter, DeadLetterSink } from '../ports.ts';

export interface BusDeadLettersOptions {
  readonly producer: Producer;
  readonly log: Logger;
  readonly maxRetryDelayMs: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Ends the waiting for the bus. */
  readonly signal: AbortSignal;
}

export class BusDeadLetters implements DeadLetterSink {
  readonly #options: BusDeadLettersOptions;
  readonly #outage: OutageLog;

  constructor(options: BusDeadLettersOptions) {
    this.#options = options;
    this.#outage = createOutageLog(options.log, { away: 'dead letters wait for the bus', back: 'the bus takes dead letters again' });
  }

  async send(letters: readonly DeadLetter[]): Promise<void> {
    const { producer, maxRetryDelayMs, now, signal } = this.#options;
    const records = letters.map((letter) =>
      deadLetterRecord({
        topic: `${letter.record.topic}.dlq`,
        reason: letter.reason,
        detail: letter.detail,
        raw: letter.record.value,
        origin: letter.record.topic,
        failedAtMs: now(),
        source: positionOf(letter.record),
        traceparent: letter.record.headers['traceparent'],
      }),
    );
    await withRetry(() => producer.send(records), {
      isTransient: isAnyOf(BusUnavailableError),
      budgetMs: Number.POSITIVE_INFINITY,
      maxDelayMs: maxRetryDelayMs,
      signal,
      onRetry: (error) => this.#outage.failed(error),
    });
    this.#outage.recovered();
  }
}

function positionOf({ topic, partition, offset }: BusRecord): { topic: string; partition: number; offset: number } {
  return { topic, partition, offset };
}
