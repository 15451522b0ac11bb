import { DeadLetter } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { decodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { describe, expect, it } from 'vitest';
import { deadLetterRecord } from '../src/dead-letter.ts';

const INPUT = {
  topic: TOPICS.touchpointsDlq.name,
  reason: 'undecodable',
  detail: 'the value is no Touchpoint',
  raw: new Uint8Array([0xff, 0x00, 0x01]),
  origin: 'touchpoints.v1',
  failedAtMs: 1_700_000_000_000,
} as const;

describe('deadLetterRecord', () => {
  it('keeps the bytes, the reason and the position of the record', () => {
    const record = deadLetterRecord({
      ...INPUT,
      workspace: 'acme',
      account: 'sales-wa',
      source: { topic: 'touchpoints.v1', partition: 3, offset: 42 },
    });
    expect(record).toMatchObject({ topic: 'touchpoints.v1.dlq', key: 'touchpoints.v1' });
    const letter = DeadLetter.decode(record.value);
    expect({ ...letter, raw: [...letter.raw] }).toEqual({
      reason: 'undecodable',
      detail: 'the value is no Touchpoint',
      raw: [0xff, 0x00, 0x01],
      origin: 'touchpoints.v1',
      workspace: 'acme',
      account: 'sales-wa',
      failedAtMs: 1_700_000_000_000,
      sourceTopic: 'touchpoints.v1',
      sourcePartition: 3,
      sourceOffset: 42,
    });
    expect(decodeHeaders(record.headers)).toMatchObject({
      eventId: 'dlq/touchpoints.v1/3/42',
      type: 'DeadLetter',
      producedAtMs: 1_700_000_000_000,
    });
  });

  it('gives the same bytes the same id and other bytes another', () => {
    const http = { ...INPUT, origin: 'hooks/whatsapp' };
    const id = (raw: Uint8Array): string => decodeHeaders(deadLetterRecord({ ...http, raw }).headers).eventId;
    expect(id(new Uint8Array([1]))).toBe(id(new Uint8Array([1])));
    expect(id(new Uint8Array([1]))).not.toBe(id(new Uint8Array([2])));
    expect(id(new Uint8Array([1]))).toMatch(/^dlq\/hooks\/whatsapp\/[\w-]{22}$/);
  });

  it('carries the trace context of what caused it', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(decodeHeaders(deadLetterRecord({ ...INPUT, traceparent }).headers).traceparent).toBe(traceparent);
  });

  it('fits its topic whatever the input, and says what it cut', () => {
    const record = deadLetterRecord({ ...INPUT, raw: new Uint8Array(9_000_000) });
    expect(record.value.length).toBeLessThan(TOPICS.touchpointsDlq.maxRecordBytes - 1_024);
    expect(DeadLetter.decode(record.value).detail).toMatch(/first \d+ of 9000000 bytes kept/);
  });
});
