import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SERVICE_NAMES } from '../src/cluster.ts';
import { IMAGES } from '../src/containers.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
}

const compose: { readonly services: Readonly<Record<string, ComposeService>> } = parse(read('docker-compose.yml'), { merge: true });
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  test('has the four services, the entry and what they stand on', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...SERVICE_NAMES, 'clickhouse', 'entry', 'kafka', 'redis'].sort());
  });

  test.each(services)('%s: its image has a full version', (name, service) => {
    if (SERVICE_NAMES.some((own) => own === name)) expect(service.image).toBe('messtrack:local');
    else expect(service.image).toMatch(/:\d+\.\d+\.\d+/);
  });

  test.each(services)('%s: publishes nothing to other machines', (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(services)('%s: waits for health, not for a start', (_, { depends_on = {} }) => {
    for (const [dependency, { condition }] of Object.entries(depends_on)) {
      expect(condition).toBe('service_healthy');
      const has = compose.services[dependency]?.healthcheck !== undefined || compose.services[dependency]?.image === 'messtrack:local';
      expect(has, `${dependency} has a health check`).toBe(true);
    }
  });

  test.each(SERVICE_NAMES)('%s runs its main.ts', (name) => {
    expect(compose.services[name]?.command).toEqual([`services/${name}/src/main.ts`]);
  });

  test('tests run against the same images', () => {
    for (const name of ['kafka', 'redis', 'clickhouse'] as const) expect(compose.services[name]?.image).toBe(IMAGES[name]);
  });

  test('files it mounts exist', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes).filter((volume) => volume.startsWith('./'));
    expect(mounted.length).toBeGreaterThan(0);
    for (const volume of mounted) expect(existsSync(join(ROOT, volume.split(':')[0] ?? '')), volume).toBe(true);
  });
});

describe('deploy/Dockerfile', () => {
  const dockerfile = read('deploy/Dockerfile');

  test('every stage stands on the same Node, a full version of the line that the engines field asks for', () => {
    const bases = new Set([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base));
    expect([...bases]).toEqual([expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim$/)]);
  });

  test('ends as a user without rights, and its start is an argument of node', () => {
    const after = dockerfile.slice(dockerfile.lastIndexOf('FROM'));
    expect(after).toMatch(/^USER 1000:1000$/m);
    const preload = /^ENTRYPOINT \["node", "--import", "\/app\/([^"]+)"\]$/m.exec(after)?.[1] ?? 'nothing';
    expect(existsSync(join(ROOT, preload))).toBe(true);
    // Options of Node itself may stand before the file.
    expect(existsSync(join(ROOT, /^CMD \[(?:"--[a-z-]+=\d+", )*"(services[^"]+)"\]$/m.exec(after)?.[1] ?? 'nothing'))).toBe(true);
  });

  test('.dockerignore lets in the manifest of every workspace: npm ci refuses a lock file that knows more', () => {
    const { workspaces } = JSON.parse(read('package.json'));
    const patterns = read('.dockerignore').split('\n');
    for (const workspace of workspaces.map(String)) {
      const folder = workspace.replace('/*', '');
      expect(patterns, workspace).toContain(patterns.includes(`!${folder}`) ? `!${folder}` : `!${folder}/package.json`);
    }
  });
});

describe('deploy/nginx/messtrack.conf', () => {
  test('routes as the reverse proxy of npm run cluster does', () => {
    const conf = read('deploy/nginx/messtrack.conf');
    const publicServer = conf.slice(0, conf.indexOf('listen 127.0.0.1:8081'));
    const routes = [...publicServer.matchAll(/location (= )?(\S+) \{[^}]*?set \$\w+ ([\w-]+):\d+;/g)].map(([, exact, path, service]) => [
      `${exact ?? ''}${path}`,
      service,
    ]);
    expect(routes).toEqual([
      ['/hooks/', 'messenger-gateway'],
      ['= /v1/goals', 'matcher'],
      ['= /v1/leads', 'matcher'],
      ['/v1/leads/', 'matcher'],
      ['= /sql', 'clickhouse'],
      ['/', 'ingest'],
    ]);
  });
});

describe('services', () => {
  test('every folder below services/ has a manifest the image installs', () => {
    for (const name of readdirSync(join(ROOT, 'services')))
      expect(existsSync(join(ROOT, 'services', name, 'package.json')), name).toBe(true);
  });
});
