import type { BotReason, RequestSigns } from './bot.ts';
import { botByRequest } from './bot.ts';
import type { PlaceFacts, Visitor } from './click.ts';
import type { DeviceKind } from './device.ts';
import type { NetworkKind } from './network-class.ts';
import { clip } from './text.ts';

const MAX_USER_AGENT_LENGTH = 512;

/** A request as far as ingest looks at it. */
export interface RequestFacts extends RequestSigns {
  /** Path and query as sent. */
  readonly target: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly acceptLanguage: string;
  readonly acceptEncoding: string;
  readonly accept: string;
  /** Sec-Fetch-Mode as sent; empty when not. */
  readonly fetchMode: string;
  /** Client hints of Chromium as sent; empty when not. */
  readonly brands: string;
  readonly platform: string;
  readonly mobile: string;
  readonly referrer: string | undefined;
  readonly origin: string | undefined;
  /** W3C trace context to hand on with the records. */
  readonly traceparent: string | undefined;
}

interface Headers {
  userAgent(value: string): { readonly device: DeviceKind; readonly isInApp: boolean; readonly bot: BotReason | undefined };
  languages(value: string): readonly string[];
}

interface AddressFacts {
  readonly place: PlaceFacts;
  readonly network: NetworkKind;
}

interface Addresses {
  read(ip: string): AddressFacts | Promise<AddressFacts>;
}

/** Who asks: device, languages, place, kind of network, person or program. What the request says of itself weighs more than its user agent. */
export function readVisitor(request: RequestFacts, headers: Headers, addresses: Addresses): Visitor | Promise<Visitor> {
  const ip = plainIp(request.ip);
  const found = addresses.read(ip);
  return found instanceof Promise ? found.then((facts) => visitorAt(ip, facts, request, headers)) : visitorAt(ip, found, request, headers);
}

function visitorAt(ip: string, { place, network }: AddressFacts, request: RequestFacts, headers: Headers): Visitor {
  const userAgent = clip(request.userAgent, MAX_USER_AGENT_LENGTH);
  const { device, isInApp, bot } = headers.userAgent(userAgent);
  const languages = request.acceptLanguage === '' ? [] : headers.languages(request.acceptLanguage);
  return { ip, place, network, device, isInApp, userAgent, languages, bot: botByRequest(request) ?? bot };
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*(?:%\w+)?$/i;
/** As some balancers write addresses (Azure's application gateway, RFC 7239): with the port, which differs with every connection, in brackets, in quotes. */
const WITH_PORT = /^"?(?:([0-9.]+):\d{1,5}|\[([^\]]+)\](?::\d{1,5})?)"?$/;

/**
 * The address of a request; empty where there is none. A socket that listens on both families shows IPv4 addresses as ::ffff:192.0.2.1; one that was reset shows
 * none, whatever Fastify's types say; a proxy may hand on "unknown" or what its client made up.
 */
export function plainIp(ip: string | undefined): string {
  if (ip === undefined) return '';
  if (IPV4.test(ip)) return ip;
  const [, v4, v6] = WITH_PORT.exec(ip) ?? [];
  const bare = v4 ?? v6 ?? ip;
  const plain = bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
  return IPV4.test(plain) || (plain.length <= 64 && IPV6.test(plain)) ? plain : '';
}
