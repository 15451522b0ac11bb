import { type LogEntry, logLevel } from 'kafkajs';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { kafkaLogCreator, kafkaLogLevel } from '../src/bus-kafka-log.ts';

function entry(level: logLevel, message: string, more: Record<string, unknown> = {}): LogEntry {
  return { namespace: 'Producer', level, label: logLevel[level] ?? '', log: { timestamp: '2026-01-01T00:00:00.000Z', message, ...more } };
}

describe('the log of kafkajs', () => {
  it.each([
    [
      logLevel.ERROR,
      'Failed to send messages: The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
      'debug',
    ],
    [logLevel.ERROR, 'Response Heartbeat(key: 12, version: 3)', 'debug'],
    [logLevel.WARN, 'The group is rebalancing, re-joining', 'debug'],
    [logLevel.ERROR, 'The coordinator is not aware of this member, re-joining the group', 'debug'],
    [logLevel.WARN, 'Limiting retries for the idempotent producer may invalidate EoS guarantees', 'debug'],
    [logLevel.ERROR, 'Crash: KafkaJSNonRetriableError: the handler rejected', 'debug'],
    [logLevel.ERROR, 'Connection error: connect ECONNREFUSED 127.0.0.1:9092', 'warn'],
    [logLevel.ERROR, 'Offset out of range, resetting to default offset', 'warn'],
    [logLevel.INFO, 'Consumer has joined the group', 'debug'],
  ] as const)('level %s, "%s" becomes %s', (level, message, expected) => {
    expect(kafkaLogLevel(entry(level, message))).toBe(expected);
  });

  it('reads the reason as well as the message', () => {
    expect(kafkaLogLevel(entry(logLevel.ERROR, 'Heartbeat failed', { error: 'The group is rebalancing, so a rejoin is needed' }))).toBe(
      'debug',
    );
  });

  it('passes on names and numbers, never payloads', () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
    kafkaLogCreator(log)()(
      entry(logLevel.ERROR, 'Failed to send messages', {
        broker: 'b:1',
        retryCount: 2,
        error: 'not now',
        payload: { data: 'secret-payload' },
        messages: ['secret-message'],
        stack: 'at secret-path',
      }),
    );
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 40,
      component: 'kafkajs Producer',
      broker: 'b:1',
      retryCount: 2,
      reason: 'not now',
      msg: 'Failed to send messages',
    });
    expect(lines[0]).not.toContain('secret');
  });

  it('repeats a warning only once in thirty seconds', () => {
    const levels: number[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => levels.push(JSON.parse(line).level) });
    let now = 0;
    const write = kafkaLogCreator(log, () => now)();
    for (now of [0, 1_000, 29_000, 31_000, 32_000]) write(entry(logLevel.ERROR, 'Connection error: connect ECONNREFUSED'));
    write(entry(logLevel.ERROR, 'Connection error: another broker'));
    expect(levels).toEqual([40, 20, 20, 40, 20, 40]);
  });
});
