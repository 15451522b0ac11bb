import { IMAGES } from '@messtrack/testing/containers.ts';
import { describe, expect, it } from 'vitest';
import { isInContext } from '../checks/deployment/build-context.ts';
import { readComposeFile } from '../checks/deployment/compose-file.ts';
import { deploymentProblems } from '../checks/deployment/deployment-problems.ts';
import { readDockerfile } from '../checks/deployment/dockerfile.ts';
import { withNothingSet } from '../checks/deployment/interpolation.ts';
import { projectFiles, readText } from '../checks/files.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const PATHS = projectFiles(ROOT);
const COMPOSE = 'docker-compose.yml';
const DOCKERFILE = 'deploy/Dockerfile';
const NGINX = 'deploy/nginx/messtrack.conf';

/** The project's own files with one thing changed. */
function problemsWith(path: string, from: string, to: string): readonly string[] {
  expect(readText(ROOT, path)).toContain(from);
  return deploymentProblems({
    paths: PATHS,
    read: (each) => (each === path ? readText(ROOT, each).replace(from, to) : readText(ROOT, each)),
  });
}

describe('the check of the deployment', () => {
  it('finds nothing wrong with the project', () => {
    expect(deploymentProblems({ paths: PATHS, read: (path) => readText(ROOT, path) })).toEqual([]);
  });

  it.each([
    [
      COMPOSE,
      'CLICKHOUSE_URL: http',
      'CLICKHOUSE_ULR: http',
      'exporter: services/exporter/src/main.ts does not read CLICKHOUSE_ULR; perhaps CLICKHOUSE_URL',
    ],
    [
      COMPOSE,
      '      CLICKHOUSE_URL: http://clickhouse:8123\n',
      '',
      'exporter: CLICKHOUSE_URL is required and not set (HTTP interface of ClickHouse)',
    ],
    [COMPOSE, 'http://clickhouse:8123', 'clickhouse:8123', 'exporter: CLICKHOUSE_URL must be a URL starting with http:// or https://'],
    [
      COMPOSE,
      'http://clickhouse:8123',
      'http://clickhouse:8124',
      'exporter: CLICKHOUSE_URL leads to clickhouse:8124, which listens on 8123, 9000',
    ],
    [
      COMPOSE,
      'KAFKA_BROKERS: kafka:9092',
      'KAFKA_BROKERS: broker:9092',
      'matcher: KAFKA_BROKERS leads to broker, which is no service here',
    ],
    [
      COMPOSE,
      'KAFKA_BROKERS: kafka:9092',
      'KAFKA_BROKERS: kafka:9094',
      'matcher: KAFKA_BROKERS leads to kafka:9094, which listens on 9092, 19092, 9093',
    ],
    [
      COMPOSE,
      'messenger-gateway:9091',
      'messenger-gateway:50051',
      'ingest: MESSENGER_GRPC leads to messenger-gateway:50051, which listens on 8080, 9090, 9091',
    ],
    [
      COMPOSE,
      'command: [services/matcher/src/main.ts]',
      'command: [services/matcher/main.ts]',
      'matcher: the command runs services/matcher/main.ts, which does not exist',
    ],
    [
      COMPOSE,
      'command: [services/matcher/src/main.ts]',
      'command: [scripts/demo.ts]',
      'matcher: the command runs scripts/demo.ts, which .dockerignore keeps out',
    ],
    [
      COMPOSE,
      './deploy/clickhouse/users.d/reader.xml',
      './deploy/clickhouse/reader.xml',
      'clickhouse: ./deploy/clickhouse/reader.xml is mounted, and does not exist',
    ],
    [COMPOSE, '- ingest-data:/var/lib/messtrack', '- spool:/var/lib/messtrack', 'ingest: there is no volume spool'],
    [
      COMPOSE,
      '- ingest-data:/var/lib/messtrack',
      '- ingest-data:/data',
      'ingest: SPOOL_DIR is /var/lib/messtrack/spool, which is on no volume',
    ],
    [COMPOSE, ':/workspaces:ro', ':/clients:ro', 'gateway: MESSTRACK_WORKSPACES is /workspaces, which nothing is mounted at'],
    [
      COMPOSE,
      '      clickhouse: { condition: service_healthy }\n',
      '',
      'exporter: CLICKHOUSE_URL leads to clickhouse, but the service does not wait for it',
    ],
    [COMPOSE, '      clickhouse: { condition', '      warehouse: { condition', 'exporter: waits for warehouse, which is no service'],
    [COMPOSE, '8080}:8080', '8080}:80', 'entry: port 80 is published, but deploy/nginx/messtrack.conf listens on 8080, 8081'],
    [
      COMPOSE,
      '127.0.0.1:8081/ready',
      '127.0.0.1:8081/healthz',
      'entry: the health check asks for /healthz, which deploy/nginx/messtrack.conf does not serve',
    ],
    [COMPOSE, 'nginx:1.29.3-alpine', 'nginx:latest', 'entry: the image nginx:latest names no version'],
    [COMPOSE, 'dockerfile: deploy/Dockerfile', 'dockerfile: Dockerfile', 'ingest: there is no file Dockerfile'],
    [COMPOSE, '  outside: {}', '', 'kafka: there is no network outside'],
    [NGINX, 'messenger-gateway:8080', 'gateway:8080', `${NGINX}:29 leads to gateway, which is no service here`],
    [NGINX, 'matcher:8080', 'matcher:8082', `${NGINX}:34 leads to matcher:8082, which listens on 8080, 9090, 9091`],
    [NGINX, '$ingest/readyz', '$ingest/ready', 'the admin port has /healthz, /readyz, /metrics and no /ready'],
    [DOCKERFILE, 'SPOOL_DIR=', 'SPOOL_DIRS=', `${DOCKERFILE}: no process reads SPOOL_DIRS; perhaps SPOOL_DIR`],
    [
      DOCKERFILE,
      '/app/deploy/clickhouse/migrations',
      '/app/migrations',
      `${DOCKERFILE}: MIGRATIONS_DIR names /app/migrations, but .dockerignore lets nothing`,
    ],
    [
      DOCKERFILE,
      'services/standalone/src/main.ts"]',
      'services/standalone/src/start.ts"]',
      `${DOCKERFILE}: the command runs services/standalone/src/start.ts`,
    ],
    [DOCKERFILE, '--from=manifests', '--from=sources', `${DOCKERFILE}:17: there is no stage sources above it`],
    [DOCKERFILE, 'ADMIN_PORT=9090', 'ADMIN_PORT=admin', 'matcher: ADMIN_PORT must be a whole number from 0 to 65535'],
    ['.dockerignore', '!services', '!service', '.dockerignore: services/ingest/src/main.ts does not get into the image'],
    ['.dockerignore', '!deploy/clickhouse/migrations', '', `${DOCKERFILE}: MIGRATIONS_DIR names /app/deploy/clickhouse/migrations`],
  ])('in %s, says what is wrong when %j is %j', (path, from, to, problem) => {
    expect(problemsWith(path, from, to).join('\n')).toContain(problem);
  });

  it('says what is no compose file', () => {
    expect(problemsWith(COMPOSE, 'services:\n', 'services: [\n')[0]).toContain(`${COMPOSE}: `);
    expect(problemsWith(COMPOSE, 'image: redis', 'picture: redis')).toEqual([
      expect.stringContaining(`${COMPOSE}: services.redis.image: `),
    ]);
  });

  it('reads a variable of compose as it is with nothing set', () => {
    const variable = (inside: string) => `$\u007B${inside}}`;
    const text = `a ${variable('PORT:-8080')} ${variable('NONE')} $$(pwd) ${variable('OTHER-x')}`;
    expect(withNothingSet(text)).toBe('a 8080  $(pwd) x');
  });

  it('keeps of a stage of the Dockerfile what belongs to the last one', () => {
    const image = readDockerfile('D', 'FROM a:1 AS one\nENV A=1 \\\n# between\n B="two words"\nFROM one\nENV C=3\nCMD ["x"]\n');
    expect(image).toMatchObject({ environment: { C: '3' }, command: ['x'], hasHealthcheck: false, problems: [] });
    expect(readDockerfile('D', 'FROM node\n').problems).toEqual([expect.stringContaining('D:1: the base image node names no version')]);
  });

  it.each([
    ['*\n!a', 'a/b.ts', true],
    ['*\n!a', 'c', false],
    ['*\n!a\n**/test', 'a/b/test/c.ts', false],
    ['# nothing', 'a', true],
    ['a/*.md', 'a/b.md', false],
    ['a/*.md', 'a/b/c.md', true],
  ])('reads .dockerignore %j: %s is in: %s', (ignore, path, isIn) => {
    expect(isInContext(ignore, path)).toBe(isIn);
  });

  it('starts in tests the images that the compose file names', () => {
    const compose = readComposeFile(COMPOSE, readText(ROOT, COMPOSE));
    if (!('services' in compose)) throw new Error(compose.join());
    const { kafka, redis, clickhouse } = compose.services;
    expect([kafka?.image, redis?.image, clickhouse?.image]).toEqual([IMAGES.kafka, IMAGES.redis, IMAGES.clickhouse]);
  });
});
