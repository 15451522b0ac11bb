import { isUtf8 } from 'node:buffer';

/** A line of a file, counted from 1. */
export type Line =
  | { readonly kind: 'text'; readonly number: number; readonly text: string }
  | { readonly kind: 'unreadable'; readonly number: number; readonly problem: string };

/** A message of 65,536 characters, each escaped, fits three times over; more than this is no line but a file of another kind. */
export const MAX_LINE_BYTES = 4 * 1_048_576;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Lines of a stream of bytes, whatever its chunks. Ends in LF or CRLF, the last one in nothing; a byte order mark and empty lines are passed
 * over. Holds one chunk and one line: what is longer than a line may be is counted and let go while it passes.
 */
export function* readLines(chunks: Iterable<Uint8Array>, maxLineBytes = MAX_LINE_BYTES): Generator<Line, void, undefined> {
  let number = 1;
  /** Pieces of the line that has begun in earlier chunks. */
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      const line = lineOf(begun, begunBytes, bytes.subarray(start, end), number, maxLineBytes);
      if (line !== undefined) yield line;
      begun = [];
      begunBytes = 0;
      number += 1;
      start = end + 1;
    }
    if (start === bytes.length) continue;
    begunBytes += bytes.length - start;
    // A copy, because whoever gives chunks may fill the same memory again.
    if (begunBytes <= maxLineBytes) begun.push(Buffer.from(bytes.subarray(start)));
    else begun = [];
  }
  if (begunBytes === 0) return;
  const line = lineOf(begun, begunBytes, Buffer.alloc(0), number, maxLineBytes);
  if (line !== undefined) yield line;
}

/** Undefined for an empty line. */
function lineOf(begun: readonly Buffer[], begunBytes: number, rest: Buffer, number: number, maxLineBytes: number): Line | undefined {
  if (begunBytes + rest.length > maxLineBytes) {
    return { kind: 'unreadable', number, problem: `is longer than ${maxLineBytes} bytes` };
  }
  let bytes = begunBytes === 0 ? rest : Buffer.concat([...begun, rest]);
  if (bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
  if (number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) bytes = bytes.subarray(3);
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) return { kind: 'unreadable', number, problem: notUtf8(bytes) };
  const text = bytes.toString('utf8');
  return text.trim() === '' ? undefined : { kind: 'text', number, text };
}

function notUtf8(bytes: Buffer): string {
  const isUtf16 = bytes.includes(0);
  return isUtf16 ? 'is not UTF-8 but looks like UTF-16; save the file as UTF-8' : 'is not UTF-8';
}
