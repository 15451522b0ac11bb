import type { KafkaMessage } from 'kafkajs';
import type { BusRecord, TopicPartition } from './bus.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * Headers as texts, the last of a name. Without a prototype that has anything: names come from outside. Of a class, because V8 keeps an object made of nothing as a hash table: three times the memory and time
 * of one whose shape it knows.
 */
export interface TextHeaders {
  [name: string]: string;
}
export const TextHeaders: new () => TextHeaders = Object.assign(function TextHeaders() {} as unknown as new () => TextHeaders, {
  prototype: Object.create(null) as TextHeaders,
});

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

/** Kafka allows a header twice; the last one counts, as in most clients. */
function headersOf(raw: KafkaMessage['headers'] | TextHeaders | undefined): Readonly<Record<string, string>> {
  if (raw instanceof TextHeaders) return raw;
  const headers = new TextHeaders();
  if (raw === undefined) return headers;
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    // A header may have no value, and then counts as none.
    if (last !== undefined && last !== null) headers[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return headers;
}
