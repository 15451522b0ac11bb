/**
 * One HTTP request to a provider's send API. What matters is not only what came back but whether the request can have arrived: a message that was certainly
 * not taken may be sent again, any other may not.
 */
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface CallRequest {
  /** Default POST. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The address stands in a workspace file, whose author is not whoever runs this service: only `privateHosts` may lead into networks of our own. */
  readonly isNamedByWorkspace?: true | undefined;
}

export type CallAnswer =
  /** `body` is the JSON of the answer; undefined when it is none, or larger than an answer of a send API ever is. */
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown; readonly retryAfterMs: number | undefined }
  /** No connection: nothing has left. */
  | { readonly kind: 'not_sent'; readonly code: string }
  /** The connection was there, the answer was not. */
  | { readonly kind: 'unanswered'; readonly code: string };

export type ProviderCall = (request: CallRequest) => Promise<CallAnswer>;

export interface ProviderCallOptions {
  /** From the first byte out to the last byte in. Milliseconds. */
  readonly timeoutMs: number;
  /** Whether hosts may be in networks of our own: only where whoever runs the service has named the host. */
  readonly allowsPrivate: boolean;
  /** Hosts in networks of our own that workspace files may name, as they write them: servers of WAHA or Evolution API beside us. */
  readonly privateHosts?: ReadonlySet<string> | undefined;
}

const MAX_ANSWER_BYTES = 65_536;
const BLOCKED = 'EBLOCKED';

const NO_HOSTS: ReadonlySet<string> = new Set();

export function createProviderCall({ timeoutMs, allowsPrivate, privateHosts = NO_HOSTS }: ProviderCallOptions): {
  readonly call: ProviderCall;
  close(): void;
} {
  const open = createAgents();
  // Apart, because a connection that is kept open is not looked up again.
  const guarded = createAgents();

  async function call({ method = 'POST', url, headers, body, isNamedByWorkspace }: CallRequest): Promise<CallAnswer> {
    const mayBePrivate = isNamedByWorkspace === true ? privateHosts.has(hostOf(url)) : allowsPrivate;
    const guard = mayBePrivate ? undefined : publicLookup;
    const agents = mayBePrivate ? open : guarded;
    // An address in the URL is never looked up.
    if (!mayBePrivate && isIP(hostOf(url)) !== 0 && isPrivate(hostOf(url))) return { kind: 'not_sent', code: BLOCKED };
    const isTls = url.protocol === 'https:';
    const options: RequestOptions = {
      method,
      agent: isTls ? agents.https : agents.http,
      headers: method === 'GET' ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(guard === undefined ? {} : { lookup: guard }),
    };
    return await new Promise<CallAnswer>((resolve) => {
      let isConnected = false;
      let head: IncomingMessage | undefined;
      const sent = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
        head = response;
        read(response).then(resolve, (error: unknown) => resolve(cutAnswer(response, codeOf(error))));
      });
      sent.once('socket', (socket) => {
        if (!socket.connecting) isConnected = true;
        else socket.once(isTls ? 'secureConnect' : 'connect', () => (isConnected = true));
      });
      sent.once('error', (error) => {
        const code = codeOf(error);
        resolve(head === undefined ? { kind: isConnected ? 'unanswered' : 'not_sent', code } : cutAnswer(head, code));
      });
      sent.end(body);
    });
  }

  return {
    call,
    close() {
      for (const agent of [open.http, open.https, guarded.http, guarded.https]) agent.destroy();
    },
  };
}

/** Idle connections are closed before servers do it (Node 5 s, most proxies 60 s): a request on a connection that is just being closed cannot be told from a lost answer. */
function createAgents(): { readonly http: HttpAgent; readonly https: HttpsAgent } {
  return { http: new HttpAgent({ keepAlive: true, timeout: 4_000 }), https: new HttpsAgent({ keepAlive: true, timeout: 4_000 }) };
}

async function read(response: IncomingMessage): Promise<CallAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The status is known and nobody needs the rest. Leaving the loop closes the connection.
    if (size > MAX_ANSWER_BYTES) return answered(response, undefined);
    chunks.push(chunk);
  }
  return answered(response, parse(Buffer.concat(chunks)));
}

/**
 * A head without its whole body. A 4xx has judged the request whatever its text would have said: a 429 that a proxy cuts off is still waited out and sent. Any
 * other status says nothing without the body.
 */
function cutAnswer(response: IncomingMessage, code: string): CallAnswer {
  const status = response.statusCode ?? 0;
  return status >= 400 && status < 500 ? answered(response, undefined) : { kind: 'unanswered', code };
}

function answered(response: IncomingMessage, body: unknown): CallAnswer {
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    body,
    retryAfterMs: retryAfterMs(response.headers['retry-after'], response.headers.date),
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Seconds, or a date, which counts from the date of the answer itself: clocks differ. */
function retryAfterMs(header: string | undefined, answeredAt: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,6}(?:\.\d{1,6})?$/.test(header)) return Math.ceil(Number(header) * 1_000);
  const waitMs = HTTP_DATE.test(header) ? Date.parse(header) - Date.parse(answeredAt ?? '') : Number.NaN;
  return Number.isNaN(waitMs) || waitMs > MAX_RETRY_AFTER_MS ? undefined : Math.max(0, waitMs);
}
const HTTP_DATE = /^[A-Z][a-z]{2,8}, .* GMT$/;
const MAX_RETRY_AFTER_MS = 999_999_000;

/** The code alone: texts of errors may hold the URL, and Telegram's holds the token. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'ETIMEDOUT';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}

function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

/** Networks that no provider is in: RFC 6890 special purpose addresses. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  // Loopback, and IPv4 addresses in the clothes of the nineties.
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

export function isPrivate(address: string): boolean {
  const plain = inIPv4(address) ?? address;
  return PRIVATE.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address in IPv6 clothes is judged as what it is: mapped, or behind a translator (NAT64, RFC 6052), whose tail systems write in hexadecimal. */
function inIPv4(address: string): string | undefined {
  const [, tail = ''] = /^(?:::ffff:|64:ff9b::)([\d.]+|[\da-f]{0,4}:?[\da-f]{1,4})$/i.exec(address) ?? [];
  if (tail === '' || isIP(tail) === 4) return tail === '' ? undefined : tail;
  const [low = '0', high = '0'] = tail.split(':').reverse();
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** Judges the address that is connected to, not a name that may resolve to another one a moment later. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '', 0);
      return;
    }
    if (addresses.length === 0 || addresses.some(({ address }) => isPrivate(address))) {
      callback(Object.assign(new Error('the host is in a network of our own'), { code: BLOCKED }), '', 0);
      return;
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};
