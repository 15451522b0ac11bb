/**
 * The Telegram start payload: `t.me/<bot>?start=P` arrives as the message `/start P`, P of 1 to 64 characters [A-Za-z0-9_-].
 * Ours is the code alone or `CODE_placement`. It starts with a symbol of the code, never with `_tgr_`, which Telegram's affiliate programme takes for itself.
 */

import { classify, SYMBOLS } from './alphabet.ts';
import { CODE_LENGTH, type FoundCode, hasShape, isCode, type TrackingCode } from './tracking-code.ts';

const MAX_PAYLOAD_LENGTH = 64;
const START = /^\/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?$/i;

/** A placement that does not fit or has other characters is left out: the code alone finds the click. */
export function encodeStartPayload(code: TrackingCode, placement?: string): string {
  if (placement === undefined || !/^[A-Za-z0-9_-]+$/.test(placement)) return code;
  const payload = `${code}_${placement}`;
  return payload.length <= MAX_PAYLOAD_LENGTH ? payload : code;
}

export interface StartCommand {
  /** The text is /start, bare or with a payload and nothing else. */
  readonly isStart: boolean;
  /** As received, ours or foreign; empty when bare. */
  readonly payload: string;
  /** Present when the payload reads as one of our codes. */
  readonly code?: FoundCode;
}

/** Reads `/start`, `/start PAYLOAD`, `/start@bot PAYLOAD`; any other text is no start command. Never throws. */
export function parseStartCommand(text: string): StartCommand {
  // Longer texts cannot match; the limit keeps trimming of hostile input cheap.
  if (text.length > 256) return { isStart: false, payload: '' };
  const match = START.exec(text.trim());
  if (match === null) return { isStart: false, payload: '' };
  const payload = match[1] ?? '';
  const code = readPayload(payload);
  return code === undefined ? { isStart: true, payload } : { isStart: true, payload, code };
}

/**
 * The part before the first underscore, when it reads as a code. Links are passed on by machines, so a damaged code here was retyped by a person;
 * it must have the shape of a code, or every foreign payload of ten characters would be a candidate.
 */
function readPayload(payload: string): FoundCode | undefined {
  const end = payload.indexOf('_');
  const head = (end === -1 ? payload : payload.slice(0, end)).replaceAll('-', '');
  if (head.length !== CODE_LENGTH) return undefined;
  const symbols = new Int8Array(CODE_LENGTH);
  let code = '';
  for (let i = 0; i < CODE_LENGTH; i += 1) {
    const symbol = classify(head.charCodeAt(i));
    if (symbol < 0) return undefined;
    symbols[i] = symbol;
    code += SYMBOLS[symbol]!;
  }
  if (!hasShape(symbols, 0)) return undefined;
  return { code, carrier: 'start_payload', intact: isCode(code) };
}
