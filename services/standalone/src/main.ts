import module from 'node:module';
import { loadConfig } from '@messtrack/runtime/config.ts';
import { grpcTlsRules } from '@messtrack/runtime/grpc.ts';
import { createHealth } from '@messtrack/runtime/health.ts';
import { runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger, logStream } from '@messtrack/runtime/logger.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { standaloneConfig } from './config.ts';
import { readCommandLine } from './usage.ts';

const asked = readCommandLine(process.argv.slice(2));
if (asked.kind === 'help') {
  process.stdout.write(asked.text);
  process.exit(0);
}
if (asked.kind === 'refuse') {
  process.stderr.write(`${asked.text}\n`);
  process.exit(2);
}

// Loaded here: the help, and a refusal, need not wait for ClickHouse to be read from the disk.
const { startStandalone } = await import('./standalone.ts');
const config = loadConfig(standaloneConfig, process.env, grpcTlsRules);
// Standard output is for the person who started it, standard error for the log: one can be kept without the other.
const log = createLogger('standalone', config.LOG_LEVEL, logStream(2));
const health = createHealth();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStarted: () => health.setStarted(), onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use) => {
  const url = await startStandalone(config, process.env, health, log, use);
  // Node writes it at an orderly end only. The next start need not load the compiler of TypeScript: 27 MB less, and a second. Node 20 has none.
  module.flushCompileCache?.();
  process.stdout.write(`messtrack is ready on ${url}
  leads      ${url}/
  queries    ${url}/sql?query=SELECT+*+FROM+messtrack.leads+LIMIT+10
  webhooks   ${url}/hooks/{provider}/{workspace}/{account}
  links      ${url}/t/{workspace}/{placement}
  snippet    ${url}/s/{workspace}.js
  metrics    ${url}/metrics
  data       ${config.MESSTRACK_DATA}   workspaces ${config.MESSTRACK_WORKSPACES}
  try it     npm run demo -- --url ${url}
`);
});
