import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { BusRecord, TopicPartition } from './bus.ts';

const NO_BYTES = new Uint8Array(0);

/** A tombstone (null value) reads as an empty value: decoders meet bytes, never null. */
export function toBusRecord(
  { topic, partition }: TopicPartition,
  message: Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers' | 'timestamp'>,
): BusRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key,
    value: message.value ?? NO_BYTES,
    headers: headersOf(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** Kafka allows a header twice; the last one counts, as in most clients. Prototype-less: header names come from outside. */
function headersOf(raw: IHeaders | undefined): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  if (raw === undefined) return headers;
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return headers;
}
