import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, type status } from '@grpc/grpc-js';

/**
 * Trailers by which clients of any language read why a call was refused: `grpc-status-details-bin` holds a google.rpc.Status with one google.rpc.ErrorInfo.
 * Written by field number: the two messages are fixed for good, and their package would bring all of Google's protos.
 * Source: google/rpc/status.proto, google/rpc/error_details.proto; AIP-193.
 */
export function errorInfoTrailers(code: status, message: string, reason: string, details: Readonly<Record<string, string>>): Metadata {
  const info = new BinaryWriter();
  info.uint32(10).string(reason);
  info.uint32(18).string('messtrack');
  for (const [key, value] of Object.entries(details)) info.uint32(26).fork().uint32(10).string(key).uint32(18).string(value).join();
  const any = new BinaryWriter();
  any.uint32(10).string('type.googleapis.com/google.rpc.ErrorInfo').uint32(18).bytes(info.finish());
  const rich = new BinaryWriter();
  rich.uint32(8).int32(code).uint32(18).string(message).uint32(26).bytes(any.finish());
  const trailers = new Metadata();
  trailers.set('grpc-status-details-bin', Buffer.from(rich.finish()));
  return trailers;
}
