import { BusUnavailableError, RecordTooLargeError } from './bus.ts';
import { DamagedBatchError } from './bus-kafka-damage.ts';

/** The error and what caused it, outermost first: kafkajs wraps an error once for "no retries left" and once more for "not retriable". */
function chain(error: unknown): readonly Error[] {
  const errors: Error[] = [];
  for (let at = error; at instanceof Error && !errors.includes(at); at = at.cause) errors.push(at);
  return errors;
}

function property(error: Error, name: string): unknown {
  return Reflect.get(error, name);
}

function hasType(error: unknown, types: ReadonlySet<string>): boolean {
  return chain(error).some((each) => types.has(String(property(each, 'type'))) || types.has(each.name));
}

const MEMBERSHIP_LOST = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
  // The coordinator has moved; this member finds it again by joining again.
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** The group does not know this member in this generation any more: its partitions are, or will be, somebody else's. */
export function isMembershipLost(error: unknown): boolean {
  return hasType(error, MEMBERSHIP_LOST);
}

const REBALANCING = new Set(['REBALANCE_IN_PROGRESS']);

/** The group is forming anew and waits for this member: its partitions are still its own until it joins. */
export function isRebalancing(error: unknown): boolean {
  return hasType(error, REBALANCING);
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'RecordTooLargeError']);

export function isTooLarge(error: unknown): boolean {
  return hasType(error, TOO_LARGE);
}

const CONCURRENT = new Set(['CONCURRENT_TRANSACTIONS']);

/** The markers of the transaction before are still being written. */
export function isPreviousTransactionEnding(error: unknown): boolean {
  return hasType(error, CONCURRENT);
}

const OUT_OF_RANGE = new Set(['OFFSET_OUT_OF_RANGE', 'KafkaJSOffsetOutOfRange']);

export function isOutOfRange(error: unknown): boolean {
  return hasType(error, OUT_OF_RANGE);
}

const ALREADY_EXISTS = new Set(['TOPIC_ALREADY_EXISTS']);

export function isTopicThere(error: unknown): boolean {
  return hasType(error, ALREADY_EXISTS);
}

const NOT_THERE_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION']);

export function isNotThereYet(error: unknown): boolean {
  return hasType(error, NOT_THERE_YET);
}

const UNAVAILABLE = new Set([
  'BusUnavailableError',
  'UnreadableAnswerError',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
  // This machine's clock is over an hour ahead of the broker's, and the topic was not made by us: it passes when somebody sets the clock.
  'INVALID_TIMESTAMP',
]);

const COORDINATOR_COMING = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'KafkaJSGroupCoordinatorNotFound',
]);

/** A broker answers, and none is the coordinator of the group yet. */
export function isCoordinatorComing(error: unknown): boolean {
  return hasType(error, COORDINATOR_COMING);
}

/** Nobody answers, or the one who answers says "not now". */
export function isUnavailable(error: unknown): boolean {
  return (
    hasType(error, UNAVAILABLE) ||
    chain(error).some(
      (each) => each.message === NOT_CONNECTED || (each.name === 'KafkaJSProtocolError' && property(each, 'retriable') === true),
    )
  );
}

/** A request to a broker that kafkajs has learned of and not reached yet, as a commit meets while Kafka starts again: a plain Error, nothing but its words. */
const NOT_CONNECTED = 'Broker not connected';

const SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** Undefined when nothing that was read is behind it. */
export function damageBehind(error: unknown): DamagedBatchError | undefined {
  return chain(error).find((each) => each instanceof DamagedBatchError);
}

/** The broker and an idempotent producer disagree on what was written last; a new producer starts a new count. */
export function isSequenceLost(error: unknown): boolean {
  return hasType(error, SEQUENCE);
}

/** What the port promises to its callers; what is none of it is a surprise and stays what it is. */
export function toBusError(error: unknown, doing: string): unknown {
  if (error instanceof BusUnavailableError || error instanceof RecordTooLargeError) return error;
  if (isTooLarge(error)) return new RecordTooLargeError(`${doing}: the broker says it is too large`, { cause: error });
  const damage = damageBehind(error);
  if (damage !== undefined) return new BusUnavailableError(`${doing}: ${damage.message}`, { cause: damage });
  if (isUnavailable(error)) return new BusUnavailableError(`${doing}: Kafka does not answer`, { cause: error });
  return error;
}
