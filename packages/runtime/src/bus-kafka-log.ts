import { type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from 'pino';

/**
 * kafkajs logs every retry as ERROR and every join as INFO. Here: what passes by itself is `debug`, what an operator may want to see when
 * something else is wrong is `warn`, and nothing is `error`, because whatever really ends a consumer or a call reaches its owner as a rejection.
 */
export function kafkaLogCreator(log: Logger, now: () => number = () => performance.now()): () => (entry: LogEntry) => void {
  const said = new Map<string, number>();
  const isRepeated = (message: string) => {
    if (now() - (said.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return true;
    if (said.size > MAX_REMEMBERED) said.clear();
    said.set(message, now());
    return false;
  };
  return () => (entry) => {
    let level = kafkaLogLevel(entry);
    if (level === 'warn' && isRepeated(entry.log.message)) level = 'debug';
    if (log.isLevelEnabled(level))
      log[level]({ component: `kafkajs ${entry.namespace}`.trimEnd(), ...kafkaLogFields(entry.log) }, entry.log.message);
  };
}

/** While a broker is away every client says so several times a second; once in so long is enough. */
const REPEAT_AFTER_MS = 30_000;
const MAX_REMEMBERED = 500;

/** Ordinary life of a group or of a transaction, whatever level kafkajs gives it. */
const HARMLESS = [
  // What a broker answered; whoever asked decides what it means, and says so if it matters.
  'Response ',

  // A commit's markers are still being written when the next transaction begins.
  'CONCURRENT_TRANSACTIONS',
  'currently rebalancing',
  'group is rebalancing',
  'not aware of this member',
  'concurrent operation on the same transaction',
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
