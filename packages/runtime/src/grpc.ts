import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { z } from 'zod';
import { whenAnyOf } from './config.ts';
import type { Health } from './health.ts';
import type { Running } from './lifecycle.ts';
import { type Secret, sealSecret } from './secret.ts';
import { inSpan } from './tracing.ts';

/** A service as ts-proto (`outputServices=grpc-js`) defines it, with what answers its calls. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface GrpcTls {
  /** Certificate chain, PEM. */
  readonly certificate: Buffer;
  /** Private key, PEM. */
  readonly key: Secret;
  /** With it clients must show a certificate of this authority (mutual TLS), PEM. */
  readonly clientAuthority?: Buffer | undefined;
}

export interface GrpcTlsFiles {
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly clientAuthorityFile?: string | undefined;
}

/**
 * Reads certificate and key from PEM files; undefined when no file is named. Read once: a new certificate needs a restart.
 *
 * @throws TypeError when only one of certificate and key is named, the file system's error when one cannot be read
 */
export async function loadGrpcTls(files: GrpcTlsFiles): Promise<GrpcTls | undefined> {
  const { certificateFile, keyFile, clientAuthorityFile } = files;
  if (certificateFile === undefined && keyFile === undefined && clientAuthorityFile === undefined) return undefined;
  // Half a configuration must not turn into plain text.
  if (certificateFile === undefined || keyFile === undefined) throw new TypeError('gRPC over TLS needs both a certificate and a key');
  const [certificate, key, clientAuthority] = await Promise.all([
    readFile(certificateFile),
    readFile(keyFile, 'utf8'),
    clientAuthorityFile === undefined ? undefined : readFile(clientAuthorityFile),
  ]);
  return { certificate, key: sealSecret(key), clientAuthority };
}

/** Environment variables of every process that serves gRPC; spread into the service's own schema, given to `loadGrpcTls` by `grpcTlsFiles`. */
export const grpcTlsVariables = {
  GRPC_TLS_CERT_FILE: z.string().optional().describe('certificate chain for gRPC, PEM file; plain text when not set'),
  GRPC_TLS_KEY_FILE: z.string().optional().describe('private key of that certificate, PEM file'),
  GRPC_TLS_CLIENT_CA_FILE: z.string().optional().describe('authority whose certificates clients must show, PEM file'),
};

const TLS_PAIR = ['GRPC_TLS_CERT_FILE', 'GRPC_TLS_KEY_FILE'] as const;

/** Given to `loadConfig` beside the schema. */
export const grpcTlsRules = [whenAnyOf([...TLS_PAIR, 'GRPC_TLS_CLIENT_CA_FILE'], TLS_PAIR)];

export function grpcTlsFiles(variables: {
  readonly GRPC_TLS_CERT_FILE?: string | undefined;
  readonly GRPC_TLS_KEY_FILE?: string | undefined;
  readonly GRPC_TLS_CLIENT_CA_FILE?: string | undefined;
}): GrpcTlsFiles {
  return {
    certificateFile: variables.GRPC_TLS_CERT_FILE,
    keyFile: variables.GRPC_TLS_KEY_FILE,
    clientAuthorityFile: variables.GRPC_TLS_CLIENT_CA_FILE,
  };
}

export interface GrpcOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly services: readonly GrpcService[];
  /** Plain text without it: inside a cluster's own network, or behind a mesh. */
  readonly tls?: GrpcTls | undefined;
  readonly log: Logger;
  /** How long calls in progress may take at a stop before they are cut. Milliseconds. Default 5,000: an open health watch never ends by itself. */
  readonly shutdownMs?: number;
  /** What the standard health service says, while it is not told otherwise; without it SERVING until the stop. */
  readonly health?: Pick<Health, 'ready'> | undefined;
  /** How often that is looked at. Milliseconds. Default 2,000. */
  readonly readinessEveryMs?: number;
  readonly connections?: ConnectionLimits;
}

/** Milliseconds. */
export interface ConnectionLimits {
  /** Without a call so long a connection is closed; a client opens another at its next call. */
  readonly idleMs: number;
  /** So often a connection is asked whether anybody is there. */
  readonly pingMs: number;
  /** It is cut when nobody has answered so long after. */
  readonly pingTimeoutMs: number;
}

/**
 * gRPC's own default is for ever: a client whose machine or NAT has gone keeps its connection, and ours its file descriptor, until there are none left.
 * A dead peer is gone after 80 s, below the minutes after which load balancers forget a connection and say nothing.
 */
const CONNECTION_LIMITS: ConnectionLimits = { idleMs: 300_000, pingMs: 60_000, pingTimeoutMs: 20_000 };

export interface GrpcServer {
  /** The port it listens on. */
  readonly port: number;
  /** What the standard health service answers, for every service here and for "". */
  setServing(isServing: boolean): void;
}

/** Where the .proto files lie that reflection answers from. */
const PROTO_ROOT = fileURLToPath(new URL('../../../proto/', import.meta.url));

/**
 * Starts a gRPC server with the standard health service (grpc.health.v1) and server reflection (v1 and v1alpha) beside the given services, so that
 * `grpcurl` and load balancers' probes work against every service alike. Reflection lists the given services only.
 */
export async function startGrpc(options: GrpcOptions): Promise<Running<GrpcServer>> {
  const names = options.services.map(({ definition }) => serviceName(definition));
  const limits = options.connections ?? CONNECTION_LIMITS;
  const server = new Server({
    'grpc.max_connection_idle_ms': limits.idleMs,
    'grpc.keepalive_time_ms': limits.pingMs,
    'grpc.keepalive_timeout_ms': limits.pingTimeoutMs,
  });
  for (const { definition, implementation } of options.services) server.addService(definition, implementation);

  const health = new HealthImplementation();
  health.addToServer(server);
  const setServing = (isServing: boolean): void => {
    for (const name of ['', ...names]) health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING');
  };
  // Nobody is sent here before the first look has said yes.
  setServing(options.health === undefined);

  const protos = loadSync(protoFiles(PROTO_ROOT), { includeDirs: [PROTO_ROOT], keepCase: true });
  new ReflectionService(protos, { services: names }).addToServer(server);

  const credentials = serverCredentials(options.tls);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host}:${options.port}`, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });

  const unfollow =
    options.health === undefined ? undefined : followReadiness(options.health, setServing, options.readinessEveryMs ?? 2_000);
  return {
    value: { port, setServing },
    async close() {
      unfollow?.();
      setServing(false);
      const isDrained = await drain(server, options.shutdownMs ?? 5_000);
      if (!isDrained) options.log.warn('gRPC calls still open at the stop were cut');
    },
  };
}

/** Load balancers and Kubernetes' own gRPC probe ask the health service and not /readyz: both have to say the same. */
function followReadiness(health: Pick<Health, 'ready'>, setServing: (isServing: boolean) => void, everyMs: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let last: boolean | undefined;
  async function look(): Promise<void> {
    const { isOk } = await health.ready();
    if (isOver) return;
    // Whoever watches is told at every call, also of what has not changed.
    if (isOk !== last) setServing(isOk);
    last = isOk;
    timer = setTimeout(look, everyMs);
  }
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** An expected refusal of a call; its text goes to the caller: no secrets, no personal data. */
export class GrpcRefusal extends Error {
  override readonly name = 'GrpcRefusal';
  readonly code: status;
  /** Trailers of the answer, such as `grpc-status-details-bin`. */
  readonly trailers: Metadata | undefined;

  constructor(code: status, message: string, trailers?: Metadata) {
    super(message);
    this.code = code;
    this.trailers = trailers;
  }
}

/**
 * A unary handler as an async function. `GrpcRefusal` becomes its status; anything else is a defect: it is logged and the caller gets INTERNAL
 * without detail, because an error's text may hold what the caller must not see. Continues the caller's `traceparent`. The signal says that the caller has
 * gone or its deadline has passed.
 */
export function unary<Request, Response>(
  log: Logger,
  name: string,
  handle: (request: Request, metadata: Metadata, signal: AbortSignal) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    inSpan(name, 'server', metadataText(call.metadata, 'traceparent'), {}, () => handle(call.request, call.metadata, gone.signal)).then(
      (response) => callback(null, response),
      (error: unknown) => {
        if (error instanceof GrpcRefusal) {
          callback({ code: error.code, details: error.message, ...(error.trailers === undefined ? {} : { metadata: error.trailers }) });
          return;
        }
        log.error({ err: error, method: name }, 'gRPC call failed');
        callback({ code: status.INTERNAL, details: 'internal error' });
      },
    );
  };
}

/** The token of `authorization: Bearer …`; undefined when there is none. */
export function bearerToken(metadata: Metadata): string | undefined {
  return /^bearer +(\S+)$/i.exec(metadataText(metadata, 'authorization') ?? '')?.[1];
}

/**
 * The bearer token of a call that has a known one. Nobody gets in with none known; a service that wants to be open has no token check.
 *
 * @throws GrpcRefusal UNAUTHENTICATED
 */
export function requireToken(metadata: Metadata, isKnown: (token: string) => boolean): string {
  const token = bearerToken(metadata);
  if (token === undefined) throw new GrpcRefusal(status.UNAUTHENTICATED, 'a bearer token is required in the authorization metadata');
  if (!isKnown(token)) throw new GrpcRefusal(status.UNAUTHENTICATED, 'the bearer token is not valid');
  return token;
}

function metadataText(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}

function serviceName(definition: ServiceDefinition): string {
  const path = Object.values(definition)[0]?.path;
  const name = path?.split('/')[1];
  if (name === undefined) throw new TypeError('a gRPC service needs at least one method');
  return name;
}

function protoFiles(root: string): string[] {
  return readdirSync(join(root, 'messtrack'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function serverCredentials(tls: GrpcTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: tls.certificate, private_key: Buffer.from(tls.key.reveal(), 'utf8') };
  return ServerCredentials.createSsl(tls.clientAuthority ?? null, [pair], tls.clientAuthority !== undefined);
}

async function drain(server: Server, shutdownMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const drained = new Promise<boolean>((resolve, reject) => {
    server.tryShutdown((error) => (error === undefined ? resolve(true) : reject(error)));
  });
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), shutdownMs);
  });
  try {
    const isDrained = await Promise.race([drained, expired]);
    if (!isDrained) server.forceShutdown();
    return isDrained;
  } finally {
    clearTimeout(timer);
  }
}
