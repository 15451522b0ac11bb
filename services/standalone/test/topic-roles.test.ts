import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORTED_TOPICS } from '@messtrack/exporter/adapters/record-codec.ts';
import { TOPIC_LIST, TOPICS } from '@messtrack/proto/topics.ts';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SERVICES = ['ingest', 'messenger-gateway', 'matcher', 'exporter'];
const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** docs/topics.md and docs/asyncapi.yaml say who writes and reads a topic from the catalogue alone; a service that never names the topic makes both untrue. */
describe.each(SERVICES)('the topics of %s', (service) => {
  const written = TOPIC_LIST.filter(({ producedBy }) => producedBy.includes(service)).map(({ name }) => name);
  const read = TOPIC_LIST.filter(({ consumedBy }) => consumedBy.includes(service)).map(({ name }) => name);

  it('are those that its source names', () => {
    expect([...new Set([...written, ...read])].toSorted()).toEqual(namedBySource(service).toSorted());
  });

  it('are those of its row in docs/operations.md', () => {
    const [, , , , reads = '', writes = ''] = rowOf(service);
    expect(topicsOf(reads), 'what it reads').toEqual(read.toSorted());
    expect(topicsOf(writes), 'what it writes').toEqual(written.filter((name) => !name.endsWith('.dlq')).toSorted());
    expect(writes.includes('`*.dlq`'), 'whether it writes dead letters').toBe(written.some((name) => name.endsWith('.dlq')));
  });
});

function namedBySource(service: string): readonly string[] {
  const sources = globSync('src/**/*.ts', { cwd: join(ROOT, 'services', service) }).map((path) =>
    readFileSync(join(ROOT, 'services', service, path), 'utf8'),
  );
  const keys = sources.flatMap((source) => [...source.matchAll(/\bTOPICS\.(\w+)/g)].map(([, key]) => key as keyof typeof TOPICS));
  // Dead letters of the exporter go to the topic beside the record's, whichever that is.
  const derived = service === 'exporter' ? EXPORTED_TOPICS.map((topic) => `${topic}.dlq`) : [];
  return [...new Set([...keys.map((key) => TOPICS[key].name), ...derived])];
}

/** Cells of the row of a service in the table of processes, from its name on. */
function rowOf(service: string): readonly string[] {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${service}\` | `));
  return (row ?? '').split('|').slice(1);
}

function topicsOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([a-z]+\.v\d+)`/g)].map(([, name]) => name!).toSorted();
}
