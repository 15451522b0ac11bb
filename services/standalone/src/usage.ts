import { configVariables } from '@messtrack/runtime/config.ts';
import { standaloneConfig } from './config.ts';

/** What the command line asks for. */
export type Asked =
  | { readonly kind: 'start' }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refuse'; readonly text: string };

/** Settings come by the environment alone: a word on the command line that did nothing would let somebody believe that it did. */
export function readCommandLine(words: readonly string[]): Asked {
  if (words.some((word) => word === '--help' || word === '-h')) return { kind: 'help', text: usage() };
  const [first] = words;
  if (first === undefined) return { kind: 'start' };
  return {
    kind: 'refuse',
    text: `npm start takes no argument ${JSON.stringify(first)}: settings are environment variables, for example PORT=8081 npm start. All of them: npm start -- --help`,
  };
}

function usage(): string {
  const variables = configVariables(standaloneConfig);
  const width = Math.max(...variables.map(({ name }) => name.length));
  const lines = variables.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}${defaultOf(name)}`);
  return `npm start: all of messtrack in one process, on files of one folder, until SIGTERM or Ctrl-C.

  public HTTP   http://127.0.0.1:8080; another port by PORT, open to other machines by HOST=0.0.0.0
  gRPC          none; a port by GRPC_PORT
  data folder   ./.messtrack (log, sessions, visits, warehouse, spool); another by MESSTRACK_DATA. Back it up as a whole, with the process stopped
  workspaces    examples/workspaces, the demo; your own folder of YAML files by MESSTRACK_WORKSPACES, reloaded when they change
  secrets       variables or files that the workspace files name: \${NAME}, \${file:/run/secrets/name}
  readiness     /readyz, with what is wrong; numbers at /metrics

Exit codes: 0 after a stop, 1 when something ended it (the log on standard error says what), 2 for a command line that is not understood.

Environment, an empty variable counts as not set:
${lines.join('\n')}

More: docs/operations.md, docs/workspaces.md. Try it: npm run demo.
`;
}

function defaultOf(name: string): string {
  const field = Object.entries(standaloneConfig.shape).find(([key]) => key === name)?.[1];
  const unset = field?.safeParse(undefined);
  const value: unknown = unset?.data;
  if (value === undefined || value === '') return '';
  const text = String(value);
  // A duration is milliseconds inside and carries its unit outside.
  return ` [${field?.safeParse(text).success === true ? text : `${text}ms`}]`;
}
