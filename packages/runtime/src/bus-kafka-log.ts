import { type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from 'pino';

/**
 * kafkajs logs every retry as ERROR and every join as INFO. Here: what passes by itself is `debug`, what an operator may want to see when
 * something else is wrong is `warn`, and nothing is `error`, because whatever really ends a consumer or a call reaches its owner as a rejection.
 */
export function kafkaLogCreator(log: Logger): () => (entry: LogEntry) => void {
  return () => (entry) => {
    const level = kafkaLogLevel(entry);
    if (log.isLevelEnabled(level))
      log[level]({ component: `kafkajs ${entry.namespace}`.trimEnd(), ...kafkaLogFields(entry.log) }, entry.log.message);
  };
}

/** Ordinary life of a group or of a transaction, whatever level kafkajs gives it. */
const HARMLESS = [
  // A commit's markers are still being written when the next transaction begins.
  'CONCURRENT_TRANSACTIONS',
  'currently rebalancing',
  'group is rebalancing',
  'not aware of this member',
  'another operation in progress',
  'Limiting retries for the idempotent producer',
  'There is no leader for this topic-partition',
  // The processor and the consumer hear of it through the CRASH event and log it themselves, once.
  'Crash:',
  'Restarting the consumer',
  'Caught error when',
];

export function kafkaLogLevel(entry: Pick<LogEntry, 'level' | 'log'>): 'debug' | 'warn' {
  if (entry.level !== logLevel.ERROR && entry.level !== logLevel.WARN) return 'debug';
  const { message, error } = entry.log;
  const said = `${message} ${typeof error === 'string' ? error : ''}`;
  return HARMLESS.some((words) => said.includes(words)) ? 'debug' : 'warn';
}

/** Names and numbers only: payloads, keys and connection secrets can hang on a kafkajs log entry. */
const FIELDS = [
  'broker',
  'clientId',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'offset',
  'retryCount',
  'retryTime',
  'correlationId',
] as const;

function kafkaLogFields(log: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const fields: Record<string, string | number> = {};
  for (const name of FIELDS) {
    const value = log[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  if (typeof log['error'] === 'string') fields['reason'] = log['error'];
  return fields;
}

/**
 * kafkajs arms a timer with a negative delay on every connection; since Node 24 that prints a warning, once per process, into the log stream.
 * Node counts the warning as given when it is first due, so it is made due here, unheard. The timer itself is harmless: it fires after 1 ms.
 */
export function silenceNegativeTimeoutWarning(): void {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    clearTimeout(setTimeout(() => undefined, -1));
  } finally {
    process.emitWarning = emitWarning;
  }
}
