import { BusUnavailableError, type Producer, RecordTooLargeError } from '@messtrack/runtime/bus.ts';
import type { Outbox } from '../ports.ts';

/** The bus as an outbox; `observe` gets the seconds each durable send took. */
export function busOutbox(producer: Producer, observe: (seconds: number) => void): Outbox {
  return {
    async publish(records) {
      const start = performance.now();
      try {
        await producer.send(records);
      } catch (error) {
        if (error instanceof BusUnavailableError) return 'unavailable';
        if (error instanceof RecordTooLargeError) return 'too_large';
        throw error;
      }
      observe((performance.now() - start) / 1000);
      return 'durable';
    },
  };
}
