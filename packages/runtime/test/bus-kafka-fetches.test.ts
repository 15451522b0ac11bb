import { describe, expect, it } from 'vitest';
import { committedOnly, type FetchedMessage } from '../src/bus-kafka-fetches.ts';

/** `r` a record outside transactions, `a1` of a transaction of producer 1, `!1` its abort, `+1` its commit. */
function log(symbols: string, from = 0): FetchedMessage[] {
  return symbols.split(' ').map((symbol, index) => {
    const ends = symbol.startsWith('!') || symbol.startsWith('+');
    return {
      offset: String(from + index),
      key: ends ? Buffer.from([0, 0, 0, symbol.startsWith('+') ? 1 : 0]) : Buffer.from([0, 0, 0, 0]),
      value: null,
      headers: {},
      timestamp: '0',
      isControlRecord: ends,
      batchContext: { producerId: symbol.slice(1), inTransaction: symbol !== 'r' },
    };
  });
}

const offsets = (messages: readonly FetchedMessage[]) => messages.map((each) => Number(each.offset));

describe('records of transactions', () => {
  it('leaves out markers, and nothing else where nothing was aborted', () => {
    expect(offsets(committedOnly(log('r a1 a1 +1 r a2 +2'), null))).toEqual([0, 1, 2, 4, 5]);
  });

  it('leaves out an aborted transaction, and keeps the next one of the same producer', () => {
    expect(offsets(committedOnly(log('a1 a1 !1 a1 +1 r'), [{ producerId: '1', firstOffset: '0' }]))).toEqual([3, 5]);
  });

  it('keeps records between those of an aborted transaction, also with a key that looks like a marker', () => {
    expect(offsets(committedOnly(log('a1 r a2 a1 !1 a2 +2'), [{ producerId: '1', firstOffset: '0' }]))).toEqual([1, 2, 5]);
  });

  it('knows all aborted transactions that were open where the fetch begins, in whatever order they are listed', () => {
    const aborted = [
      { producerId: '2', firstOffset: '5' },
      { producerId: '1', firstOffset: '3' },
    ];
    expect(offsets(committedOnly(log('a2 a1 r !1 !2 a1 a2', 10), aborted))).toEqual([12, 15, 16]);
  });
});
