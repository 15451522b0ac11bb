import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cluster, startCluster } from '@messtrack/testing/cluster.ts';

const HELP = `npm run cluster -- [options]

Starts Kafka, Redis and ClickHouse (a Docker engine's containers, else native programs), the four services as separate processes and one HTTP
entry in front of them. Ctrl-C stops all of it in reverse.

  --port <n>          public HTTP entry on 127.0.0.1 (default 8080)
  --workspaces <dir>  workspace files (default MESSTRACK_WORKSPACES or examples/workspaces)
  --instances <n>     how many matchers and exporters share the work (default 1)
  --data <dir>        keep Kafka's, Redis' and ClickHouse's data there (default: a temporary folder, removed at the end)
  --quiet             services' logs only from warnings on
  --help

MESSTRACK_TEST_KAFKA, MESSTRACK_TEST_REDIS and MESSTRACK_TEST_CLICKHOUSE name running services to use instead.
Then: npm run demo -- --url http://127.0.0.1:8080
`;

interface Arguments {
  readonly port: number;
  readonly workspacesDir: string;
  readonly instances: number;
  readonly dataDir: string | undefined;
  readonly quiet: boolean;
}

function readArguments(): Arguments | 'help' {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      workspaces: { type: 'string' },
      instances: { type: 'string', default: '1' },
      data: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    port: wholeNumber('--port', values.port, 0, 65_535),
    workspacesDir: resolve(values.workspaces ?? process.env['MESSTRACK_WORKSPACES'] ?? 'examples/workspaces'),
    instances: wholeNumber('--instances', values.instances, 1, 12),
    dataDir: values.data === undefined ? undefined : resolve(values.data),
    quiet: values.quiet,
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new Error(`${name} must be a whole number from ${min} to ${max}`);
  return value;
}

function describe(cluster: Cluster): string {
  const members = cluster.members.map(
    (member) => `  ${member.name.padEnd(20)} http :${member.httpPort}  admin :${member.adminPort}  grpc :${member.grpcPort}`,
  );
  return [
    `messtrack cluster is ready: ${cluster.url}`,
    `  demo      npm run demo -- --url ${cluster.url}`,
    `  sql       curl '${cluster.url}/sql' --data-binary 'SHOW TABLES'`,
    `  kafka     ${cluster.kafkaBrokers.join(',')} (${cluster.services.origins.kafka})`,
    `  redis     ${cluster.redisUrl} (${cluster.services.origins.redis})`,
    `  clickhouse ${cluster.clickhouseUrl} (${cluster.services.origins.clickhouse})`,
    ...members,
    '',
  ].join('\n');
}

async function main(): Promise<number> {
  const args = readArguments();
  if (args === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const stopAsked = Promise.withResolvers<number>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopAsked.resolve(0));

  const starting = startCluster({
    workspacesDir: args.workspacesDir,
    instances: args.instances,
    dataDir: args.dataDir,
    port: args.port,
    env: args.quiet ? { LOG_LEVEL: 'warn' } : {},
    onLine: (instance, line) => process.stdout.write(`${instance.padEnd(18)} ${line}\n`),
  });
  // A stop asked for during the start takes effect when there is something whole to stop.
  const cluster = await starting;
  process.stdout.write(describe(cluster));
  const code = await Promise.race([
    stopAsked.promise,
    cluster.crashed.catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }),
  ]);
  await cluster.stop();
  return code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
