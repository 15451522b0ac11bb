import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, type status } from '@grpc/grpc-js';

const DETAILS = 'grpc-status-details-bin';
const DOMAIN = 'messtrack';

/**
 * Trailers by which clients of any language read why a call was refused: `grpc-status-details-bin` holds a google.rpc.Status with one google.rpc.ErrorInfo.
 * Written by field number: the two messages are fixed for good, and their package would bring all of Google's protos.
 * Source: google/rpc/status.proto, google/rpc/error_details.proto; AIP-193.
 */
export function errorInfoTrailers(code: status, message: string, reason: string, details: Readonly<Record<string, string>>): Metadata {
  const info = new BinaryWriter();
  info.uint32(10).string(reason);
  info.uint32(18).string(DOMAIN);
  for (const [key, value] of Object.entries(details)) info.uint32(26).fork().uint32(10).string(key).uint32(18).string(value).join();
  const any = new BinaryWriter();
  any.uint32(10).string('type.googleapis.com/google.rpc.ErrorInfo').uint32(18).bytes(info.finish());
  const rich = new BinaryWriter();
  rich.uint32(8).int32(code).uint32(18).string(message).uint32(26).bytes(any.finish());
  const trailers = new Metadata();
  trailers.set(DETAILS, Buffer.from(rich.finish()));
  return trailers;
}

export interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The ErrorInfo of ours in the trailers of a refused call; undefined when there is none that can be read. */
export function readErrorInfo(trailers: Metadata | undefined): ErrorInfo | undefined {
  const bytes = trailers?.get(DETAILS)[0];
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const any = texts(bytes).get(3)?.[0];
    const info = any === undefined ? undefined : texts(any).get(2)?.[0];
    if (info === undefined) return undefined;
    const found = texts(info);
    if (text(found.get(2)?.[0]) !== DOMAIN) return undefined;
    const pairs = (found.get(3) ?? [])
      .map((entry) => texts(entry))
      .map((pair) => [text(pair.get(1)?.[0]), text(pair.get(2)?.[0])] as const);
    return { reason: text(found.get(1)?.[0]), metadata: Object.fromEntries(pairs) };
  } catch {
    return undefined;
  }
}

/** Length-delimited fields by number; the others say nothing here. */
function texts(bytes: Uint8Array): ReadonlyMap<number, readonly Uint8Array[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === 2) found.set(field, [...(found.get(field) ?? []), reader.bytes()]);
    else reader.skip(wire);
  }
  return found;
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}
