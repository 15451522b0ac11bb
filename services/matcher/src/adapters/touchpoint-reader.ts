import type { ClickTouchpoint, MessageTouchpoint } from '../domain/touchpoint.ts';
import { readClick } from './click-reader.ts';
import { readMessage } from './message-reader.ts';
import type { TouchpointEnvelope } from './touchpoint-envelope.ts';
import { isBetween, isTime, MAX_AHEAD_MS, MAX_NAME } from './touchpoint-limits.ts';
import { WireReader } from './wire-reader.ts';

/** What the bus tells of a record of touchpoints.v1. */
export interface Received {
  readonly offset: number;
  readonly value: Uint8Array;
  /** By the bus's clock; bounds the times inside. */
  readonly timestampMs: number;
}

const reader = new WireReader();

/**
 * Reads a click or a message that is as it should be, which almost every record is, and of it what decisions need. Undefined for anything
 * else: then `decodeInFull` reads it and says what is wrong. Both agree on everything this one reads; a property test holds them to that.
 * Tags are field numbers of touchpoint.proto and source.proto times 8 plus the wire type.
 */
export function readTouchpoint({ offset, value, timestampMs }: Received): ClickTouchpoint | MessageTouchpoint | undefined {
  reader.open(value);
  let workspace = '';
  let account = '';
  let eventTimeMs = 0;
  let observedAtMs = 0;
  let kindTag = 0;
  let kindAt = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 18:
        workspace = reader.commonText();
        break;
      case 26:
        account = reader.commonText();
        break;
      case 32:
        eventTimeMs = reader.uint();
        break;
      case 40:
        observedAtMs = reader.uint();
        break;
      case 82:
      case 90:
      case 98:
      case 106:
      case 114:
      case 122:
      case 130:
      case 138:
      case 146:
        // Two kinds are a matter for the full decoder.
        if (kindTag !== 0) return undefined;
        kindTag = tag;
        kindAt = reader.position();
        reader.skip(tag);
        break;
      default:
        reader.skip(tag);
    }
  }
  if (reader.isOdd || !isBetween(workspace, MAX_NAME) || !isBetween(account, MAX_NAME)) return undefined;
  if (!isTime(observedAtMs, timestampMs + MAX_AHEAD_MS)) return undefined;
  reader.seek(kindAt);
  const recorded: TouchpointEnvelope = { offset, workspace, account, eventTimeMs, observedAtMs };
  if (kindTag === 82) return readClick(reader, recorded);
  return kindTag === 90 ? readMessage(reader, recorded) : undefined;
}
