import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type MmdbRow, MmdbValues, type Pages } from './mmdb-values.ts';

/** A table of values by IP address, in MaxMind's DB format (https://maxmind.github.io/MaxMind-DB/), read where it lies. */
export interface MmdbFile {
  /** 4 or 6. */
  readonly ipVersion: number;
  /** The fields asked for at the opening. Null when the table says nothing of the address, which has 4 bytes or 16. */
  get(address: Uint8Array): MmdbRow | null;
  close(): void;
}

const PAGE_BITS = 12;
const PAGE_BYTES = 1 << PAGE_BITS;
/** The upper half of the tree of 6,000,000 networks, and the places that a day's visitors come from. */
const PAGES = 2_048;
const MAX_BYTES = 2 ** 31;

/** Follows the last rows; the format allows no more than 128 KiB for it. */
const METADATA_MARK = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const METADATA_BYTES = 131_072;
const METADATA = new Set(['node_count', 'record_size', 'ip_version']);
/** Zeroes between the tree and the rows. */
const SEPARATOR_BYTES = 16;

/**
 * The tables of places take 134 MB, and a process asks about a few thousand of their six million networks: so the file is not held in memory, pages of it are. What is asked for again costs 3 µs; a page that
 * is not held is read from the kernel's cache, 2 µs each, some ten for an address of a new network.
 *
 * @param fields of a row that `get` answers with
 * @throws Error when the file is no such table
 */
export function openMmdbFile(path: string, fields: readonly string[]): MmdbFile {
  const fd = openSync(path, 'r');
  try {
    return openTable(path, fd, new Set(fields));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openTable(path: string, fd: number, fields: ReadonlySet<string>): MmdbFile {
  const { size } = fstatSync(fd);
  if (size >= MAX_BYTES) throw new Error(`${path} is larger than the 2 GB that this reader knows the places of`);
  const pages = pageCache(fd);
  const tail = Buffer.alloc(Math.min(size, METADATA_BYTES));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  const mark = tail.lastIndexOf(METADATA_MARK);
  if (mark < 0) throw new Error(`${path} is no table in MaxMind's DB format`);
  const metadataAt = size - tail.length + mark + METADATA_MARK.length;
  const metadata = new MmdbValues(pages, metadataAt).row(metadataAt, METADATA);
  const nodeCount = numberOf(path, metadata, 'node_count');
  const recordBits = numberOf(path, metadata, 'record_size');
  const ipVersion = numberOf(path, metadata, 'ip_version');
  if (recordBits !== 24 && recordBits !== 28 && recordBits !== 32) throw new Error(`${path} has records of ${recordBits} bits`);
  const nodeBytes = (2 * recordBits) / 8;
  const treeBytes = nodeCount * nodeBytes;
  const values = new MmdbValues(pages, treeBytes + SEPARATOR_BYTES);
  // A table of IPv6 keeps IPv4 under ::/96.
  const ipv4Start = ipVersion === 4 ? 0 : walk(new Uint8Array(12), 0);

  /** The node, or beyond `nodeCount` the row, that the address leads to from a node. */
  function walk(address: Uint8Array, from: number): number {
    let node = from;
    for (let depth = 0; depth < address.length * 8 && node < nodeCount; depth += 1) {
      const bit = (address[depth >> 3]! >> (7 - (depth & 7))) & 1;
      node = record(node * nodeBytes, bit);
    }
    return node;
  }

  function record(at: number, bit: number): number {
    const byte = pages.byte;
    if (recordBits !== 28) {
      const start = at + bit * (recordBits / 8);
      const high = byte(start) * 0x1_0000 + (byte(start + 1) << 8) + byte(start + 2);
      return recordBits === 24 ? high : high * 0x100 + byte(start + 3);
    }
    const middle = byte(at + 3);
    return bit === 0
      ? (middle >> 4) * 0x100_0000 + (byte(at) << 16) + (byte(at + 1) << 8) + byte(at + 2)
      : (middle & 0x0f) * 0x100_0000 + (byte(at + 4) << 16) + (byte(at + 5) << 8) + byte(at + 6);
  }

  return {
    ipVersion,
    get(address) {
      const found = walk(address, address.length === 4 ? ipv4Start : 0);
      // `nodeCount` itself stands for "nothing"; a node is a table that ends too early.
      return found > nodeCount ? values.row(found - nodeCount + treeBytes, fields) : null;
    },
    close: () => closeSync(fd),
  };
}

function numberOf(path: string, metadata: MmdbRow, name: string): number {
  const value = metadata[name];
  if (typeof value !== 'number') throw new Error(`${path} does not tell its ${name}`);
  return value;
}

/** Each page has one place where it may be held, as in a processor's cache: no list to keep in order at every byte. */
function pageCache(fd: number): Pages {
  const held = Buffer.alloc(PAGES * PAGE_BYTES);
  const numbers = new Int32Array(PAGES).fill(-1);

  function byte(at: number): number {
    // Bits, because a look-up comes here a hundred times.
    const page = at >>> PAGE_BITS;
    const place = page & (PAGES - 1);
    if (numbers[place] !== page) {
      // Before the bytes: a failed read must not leave a page that holds half of another.
      numbers[place] = -1;
      const start = place * PAGE_BYTES;
      const read = readSync(fd, held, start, PAGE_BYTES, page * PAGE_BYTES);
      if ((at & (PAGE_BYTES - 1)) >= read) throw new RangeError('a table of addresses points beyond its end');
      held.fill(0, start + read, start + PAGE_BYTES);
      numbers[place] = page;
    }
    return held[(place << PAGE_BITS) + (at & (PAGE_BYTES - 1))]!;
  }

  function bytes(at: number, count: number): Buffer {
    const copy = Buffer.allocUnsafe(count);
    for (let index = 0; index < count; index += 1) copy[index] = byte(at + index);
    return copy;
  }

  return {
    byte,
    bytes,
    text(at, count) {
      if (count === 0) return '';
      const inPage = at & (PAGE_BYTES - 1);
      if (inPage + count > PAGE_BYTES) return bytes(at, count).toString('utf8');
      byte(at);
      const start = ((at >>> PAGE_BITS) & (PAGES - 1)) * PAGE_BYTES + inPage;
      return held.toString('utf8', start, start + count);
    },
  };
}
