import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOPIC_LIST, TOPICS } from '../src/topics.ts';

const SERVICES = ['ingest', 'messenger-gateway', 'matcher', 'exporter'];
const MIN_RETENTION_MS = 60_000;

const protos = readdirSync(join(import.meta.dirname, '../messtrack/v1')).map((file) =>
  readFileSync(join(import.meta.dirname, '../messtrack/v1', file), 'utf8'),
);
const messages = new Set(protos.flatMap((text) => [...text.matchAll(/^message (\w+)/gm)].map((match) => match[1])));

describe('the topic catalogue', () => {
  it('has every name once', () => {
    const names = TOPIC_LIST.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('touchpoints.v1');
  });

  it('lists what it declares', () => {
    expect(TOPIC_LIST).toHaveLength(Object.keys(TOPICS).length);
  });

  it.each(TOPIC_LIST)('names $name as noun.vN, with a message of proto/ as value and known services around it', (topic) => {
    expect(topic.name).toMatch(/^[a-z]+\.v[1-9]\d*(\.dlq)?$/);
    expect(messages).toContain(topic.value);
    const part = String.raw`(\{[a-z_]+\}|[a-z]+)`;
    for (const key of topic.key.split(' | ')) {
      expect(key).toMatch(new RegExp(`^${part}(/${part})*$`));
      expect(key).toContain('{');
    }
    expect([...topic.producedBy, ...topic.consumedBy].length).toBeGreaterThan(0);
    for (const service of [...topic.producedBy, ...topic.consumedBy]) expect(SERVICES).toContain(service);
    expect(topic.description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(TOPIC_LIST)('gives $name bounds a broker accepts', (topic) => {
    expect(topic.partitions).toBeGreaterThanOrEqual(1);
    expect(topic.retentionMs).toBeGreaterThanOrEqual(MIN_RETENTION_MS);
    expect(topic.maxRecordBytes).toBeGreaterThan(0);
  });

  it('has a dead-letter topic for every topic the exporter or the matcher takes input from', () => {
    // Compacted topics of the matcher's own (model, snapshots) are written and read by the same service: undecodable there is a defect, and ends it.
    const ownOnly = (topic: (typeof TOPIC_LIST)[number]): boolean =>
      topic.producedBy.every((service) => topic.consumedBy.length === 1 && topic.consumedBy[0] === service) && topic.cleanup === 'compact';
    const inputs = TOPIC_LIST.filter((topic) => topic.consumedBy.length > 0 && !ownOnly(topic));
    expect(inputs.length).toBeGreaterThan(3);
    const byName = new Map(TOPIC_LIST.map((topic) => [topic.name, topic]));
    for (const input of inputs) {
      const letters = byName.get(`${input.name}.dlq`);
      expect(letters, `${input.name}.dlq`).toMatchObject({ value: 'DeadLetter', cleanup: 'delete' });
      expect(letters?.maxRecordBytes).toBeGreaterThan(input.maxRecordBytes);
      // Whoever reads what others wrote may meet what cannot be read.
      const strangers = input.consumedBy.filter((service) => input.producedBy.some((writer) => writer !== service));
      expect(letters?.producedBy).toEqual(expect.arrayContaining(strangers));
    }
  });

  it('has no dead-letter topic of a topic that does not exist', () => {
    const names = new Set(TOPIC_LIST.map(({ name }) => name));
    for (const { name } of TOPIC_LIST.filter((topic) => topic.value === 'DeadLetter')) expect(names).toContain(name.replace(/\.dlq$/, ''));
  });

  it('gives touchpoints and snapshots the same partitions: the snapshot of a partition lives in its number', () => {
    expect(TOPICS.snapshots.partitions).toBe(TOPICS.touchpoints.partitions);
  });

  it('keeps touchpoints longer than the matcher looks back by default, so that a replay sees the clicks it saw', () => {
    const DEFAULT_CLICK_WINDOW_MS = 30 * 86_400_000;
    expect(TOPICS.touchpoints.retentionMs).toBeGreaterThanOrEqual(2 * DEFAULT_CLICK_WINDOW_MS);
  });
});
