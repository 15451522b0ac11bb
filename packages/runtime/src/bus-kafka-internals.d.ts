/** The parts of kafkajs 2.2.4 behind `bus-kafka-encoding.ts`, `bus-kafka-decoding.ts`, `bus-kafka-idle.ts`, `bus-kafka-request.ts`, `bus-kafka-heartbeat.ts`, `bus-kafka-connection.ts`, `bus-kafka-coordinator.ts` and `bus-kafka-handshake.ts`; kafkajs declares its public face only. */
declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  import type { Message } from 'kafkajs';

  export interface ProduceArguments {
    readonly acks: number;
    readonly timeout: number;
    readonly compression?: number | undefined;
    readonly transactionalId?: string | null | undefined;
    /** A number of 64 bits, as text or as an object that gives it as text. */
    readonly producerId?: { toString(): string } | undefined;
    readonly producerEpoch?: number | undefined;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly firstSequence?: number;
        readonly messages: readonly Message[];
      }[];
    }[];
  }

  /** What kafkajs copies into the request; it looks at `buf` only to see that it is one. */
  export interface Encoded {
    readonly buf: Buffer;
    readonly buffer: Buffer;
  }

  export interface ProduceRequest {
    readonly request: { encode(): Promise<Encoded> };
    readonly response: object;
  }

  const produce: {
    readonly versions: readonly string[];
    protocol(version: { readonly version: number }): (args: ProduceArguments) => ProduceRequest;
  };
  export default produce;
}

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  import type { DamagedRecords, FetchedMessage } from './bus-kafka-fetches.ts';

  export interface FetchedPartitionAnswer {
    readonly partition: number;
    readonly errorCode: number;
    /** Numbers of 64 bits, as texts, here and below. */
    readonly highWatermark: string;
    readonly lastStableOffset: string;
    readonly lastStartOffset: string;
    readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
    /** -1: none. */
    readonly preferredReadReplica: number;
    readonly messages: readonly FetchedMessage[];
    /** Ours: kafkajs knows no such thing. */
    readonly damaged?: DamagedRecords | undefined;
  }

  /** Of version 11. */
  export interface FetchAnswer {
    readonly throttleTime: number;
    readonly clientSideThrottleTime: number;
    readonly errorCode: number;
    readonly sessionId: number;
    readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartitionAnswer[] }[];
  }

  export interface FetchRequest {
    readonly request: object;
    readonly response: {
      decode(bytes: Buffer): Promise<FetchAnswer>;
      /** Rejects with what the broker says is wrong. */
      parse(answer: FetchAnswer): Promise<FetchAnswer>;
    };
    readonly requestTimeout: number;
  }

  const fetch: {
    readonly versions: readonly string[];
    protocol(version: { readonly version: number }): (args: object) => FetchRequest;
  };
  export default fetch;
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  /** CRC-32C, unsigned. */
  export default function crc32C(bytes: Uint8Array): number;
}

declare module 'kafkajs/src/producer/groupMessagesPerPartition.js' {
  import type { Message } from 'kafkajs';

  /** Messages by the number of their partition, in their order. */
  export default function groupMessagesPerPartition(options: {
    readonly topic: string;
    /** Empty: nothing comes of it. */
    readonly partitionMetadata: readonly object[];
    readonly messages: readonly Message[];
    partitioner(args: { readonly message: Message }): number;
  }): Readonly<Record<number, readonly Message[]>>;
}

declare module 'kafkajs/src/consumer/consumerGroup.js' {
  /** A member of a group. `lastRequest`: when it last sent a heartbeat, by `Date.now()`. */
  export default class ConsumerGroup {
    constructor(options: object);
    lastRequest: number;
    heartbeat(options: { readonly interval: number }): Promise<void>;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** What a connection has sent and not been answered, and what waits to be sent. */
  export default class RequestQueue {
    constructor(options: object);
    /** Requests that wait. */
    readonly pending: readonly object[];
    push(request: { readonly entry: object; readonly expectResponse: boolean; sendRequest(): void }): void;
    /** An answer has come. */
    fulfillRequest(answer: { readonly correlationId: number; readonly payload: Buffer; readonly size: number }): void;
    /** The broker asks for a pause of so many milliseconds. */
    maybeThrottle(pauseMs: number): void;
    /** Looks again later: after the pause that the broker asked for, else in ten milliseconds; in one where nothing waits. */
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net';

  export interface Connection {
    /** Milliseconds. */
    readonly connectionTimeout: number;
    readonly socket: Socket | null;
    /** Of an answer that has not come to its end: its bytes, how many they are, and how many are needed to read on. */
    chunks: Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    isConnected(): boolean;
    /** Opens a socket whenever none stands, also while one is being opened. */
    connect(): Promise<unknown>;
  }

  /** The two connections to one broker: the second is for fetches. */
  export default class ConnectionPool {
    constructor(options: object);
    readonly pool: readonly Connection[];
    getConnection(index?: number): Promise<Connection>;
    destroy(): Promise<void>;
  }
}

declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js';

  /** A request of a transaction; the rest of it is kafkajs's own. */
  export interface TransactionRequest {
    readonly transactionalId: string;
  }

  /** One broker of a cluster. Requests reject with an error whose `type` is the protocol's name of it. */
  export default class Broker {
    constructor(options: object);
    readonly nodeId: number;
    readonly connectionPool: ConnectionPool;
    /** Opens a connection and learns what the broker speaks; at once when a connection stands. */
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
    /** What the broker speaks, by request. Asked by `connect`, which holds the broker's lock. */
    apiVersions(): Promise<object>;
    initProducerId(args: TransactionRequest): Promise<unknown>;
    addPartitionsToTxn(args: TransactionRequest): Promise<unknown>;
    addOffsetsToTxn(args: TransactionRequest): Promise<unknown>;
    txnOffsetCommit(args: TransactionRequest): Promise<unknown>;
    endTxn(args: TransactionRequest): Promise<unknown>;
  }
}

declare module 'kafkajs/src/cluster/index.js' {
  import type Broker from 'kafkajs/src/broker/index.js';

  export interface FindCoordinator {
    readonly groupId: string;
    /** 0: of a group, 1: of a transaction. Default 0. */
    readonly coordinatorType?: number | undefined;
  }

  /** What a client knows of its brokers; every producer, consumer and admin has its own. */
  export default class Cluster {
    constructor(options: object);
    /** Connected. Rejects when there is no such broker or it does not answer. */
    findBroker(options: { readonly nodeId: number }): Promise<Broker>;
    findGroupCoordinator(options: FindCoordinator): Promise<Broker>;
    findGroupCoordinatorMetadata(options: FindCoordinator): Promise<{ readonly coordinator: { readonly nodeId: number } }>;
  }
}
