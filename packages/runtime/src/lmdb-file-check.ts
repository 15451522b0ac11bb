import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file of an LMDB environment is not what LMDB wrote: opening it would end the process by a signal, without a word, now or at some later page. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
  readonly path: string;

  constructor(path: string, damage: string, advice: string) {
    super(`${path} is damaged: ${damage}. ${advice}`);
    this.path = path;
  }
}

export interface FileCheckOptions {
  /** What somebody should do about a damaged file; ends the error's message. */
  readonly advice: string;
  /** Whether commits are synced some time after they resolve: after a power cut LMDB then goes on from an earlier one. Default false. */
  readonly isSyncedLater?: boolean;
  /**
   * How long the tree is walked. Milliseconds. Default 5,000: 4 µs a page from the cache of the kernel, so a gigabyte takes a second. What is not walked by then is
   * opened unchecked: a start must not take minutes.
   */
  readonly budgetMs?: number;
  /** Milliseconds on a monotonic scale. */
  readonly now?: () => number;
}

/**
 * Checks a data file before LMDB maps it: its meta pages, and every page of its trees: its own number, its kind, and that what it points to lies within it. LMDB believes a page that it
 * reads; a file that ends early is a SIGBUS, a page of noise a SIGSEGV or a failed assertion, and neither leaves a line that names the file.
 *
 * Layout: mdb.c of LMDB as lmdb-js builds it, data version 2. Pages start with page number (8 bytes), transaction (8), two unused, flags (2), lower and upper bound of the free space (2 each,
 * counted from byte 24). A node is size or page number (4), flags (2), key size (2), key, data. Content of records is not checked; nothing says what it should be.
 *
 * @returns pages looked at
 * @throws DamagedFileError, also when there is no such file or it cannot be read
 */
export function checkLmdbFile(path: string, options: FileCheckOptions): number {
  const { advice, isSyncedLater = false, budgetMs = 5_000, now = () => performance.now() } = options;
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const size = fstatSync(fd).size;
    const roots = readMetas(fd, size);
    if ('damage' in roots) throw new DamagedFileError(path, roots.damage, advice);
    let first: Damage | undefined;
    for (const meta of isSyncedLater ? roots.metas : roots.metas.slice(0, 1)) {
      const walked = walkTrees(fd, size, meta, now() + budgetMs, now);
      if (!('damage' in walked)) return walked.pages;
      first ??= walked;
    }
    throw new DamagedFileError(path, first?.damage ?? 'it has no valid beginning', advice);
  } catch (error) {
    if (error instanceof DamagedFileError) throw error;
    throw new DamagedFileError(path, `it cannot be read (${error instanceof Error ? error.message : String(error)})`, advice);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

interface Damage {
  readonly damage: string;
}

interface Tree {
  readonly depth: number;
  readonly root: number;
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly trees: readonly Tree[];
}

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const HEADER_BYTES = 24;
const META_BYTES = 168;
/** Offsets of a database's description inside its 48 bytes. */
const DB_DEPTH = 6;
const DB_ROOT = 40;
const DB_BYTES = 48;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const NODE_BYTES = 8;
const BIG_DATA = 1;
const SUB_DATABASE = 2;
const DUPLICATES = 4;
/** A tree of this depth would hold more than any disk. */
const MAX_DEPTH = 24;

/** The commits that LMDB may go on from, the newest first. */
function readMetas(fd: number, size: number): { readonly metas: readonly Meta[] } | Damage {
  if (size === 0) return { damage: 'it is empty' };
  const page = Buffer.alloc(META_BYTES);
  if (readSync(fd, page, 0, META_BYTES, 0) < META_BYTES) return { damage: `it ends after ${size} bytes` };
  const first = readMeta(page);
  if (first === undefined) return { damage: 'it does not begin as a file of LMDB' };
  const metas = [first];
  // The second page is the other of two that take turns; behind half of the first lies what an environment that syncs later last knew synced.
  for (const offset of [first.pageSize, first.pageSize / 2]) {
    if (readSync(fd, page, 0, META_BYTES, offset) < META_BYTES) return { damage: `it ends after ${size} bytes` };
    const meta = readMeta(page);
    if (meta !== undefined) metas.push(meta);
    else if (offset === first.pageSize) return { damage: 'its second page is no beginning of a file of LMDB' };
  }
  return { metas: metas.sort((a, b) => (a.transaction === b.transaction ? 0 : a.transaction < b.transaction ? 1 : -1)) };
}

function readMeta(page: Buffer): Meta | undefined {
  if (page.readUInt32LE(HEADER_BYTES) !== MAGIC || (page.readUInt32LE(HEADER_BYTES + 4) & 0xffff) !== DATA_VERSION) return undefined;
  const databases = HEADER_BYTES + 24;
  const pageSize = page.readUInt32LE(databases);
  const lastPage = Number(page.readBigUInt64LE(databases + 2 * DB_BYTES));
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const trees = [0, 1].flatMap((index) => treeAt(page, databases + index * DB_BYTES));
  return { pageSize, lastPage, transaction: page.readBigUInt64LE(databases + 2 * DB_BYTES + 8), trees };
}

function treeAt(page: Buffer, offset: number): Tree[] {
  const root = page.readBigUInt64LE(offset + DB_ROOT);
  return root === NO_PAGE ? [] : [{ depth: page.readUInt16LE(offset + DB_DEPTH), root: Number(root) }];
}

/** Pages that have still to be looked at; `level` 1 is a leaf, 0 the first page of a record that takes pages of its own. */
interface Open {
  readonly page: number;
  readonly level: number;
}

function walkTrees(
  fd: number,
  size: number,
  { pageSize, lastPage, trees }: Meta,
  endsAt: number,
  now: () => number,
): { readonly pages: number } | Damage {
  const page = Buffer.alloc(pageSize);
  const open: Open[] = [];
  const add = ({ depth, root }: Tree): boolean => {
    if (depth < 1 || depth > MAX_DEPTH) return false;
    open.push({ page: root, level: depth });
    return true;
  };
  if (!trees.every(add)) return { damage: 'its beginning names a tree of impossible depth' };
  let pages = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ((pages & 0x3ff) === 0 && now() > endsAt) break;
    pages += 1;
    const damage = pages > lastPage + 1 ? 'its trees name more pages than it has' : lookAt(next);
    if (damage !== undefined) return { damage };
  }
  return { pages };

  function lookAt({ page: number, level }: Open): string | undefined {
    if (number < 2 || number > lastPage) return `a page points to page ${number} of ${lastPage + 1}`;
    if (readSync(fd, page, 0, pageSize, number * pageSize) < pageSize)
      return `page ${number} lies behind its end at ${size} bytes: it was cut`;
    const kind = page.readUInt16LE(18) & (BRANCH | LEAF | OVERFLOW);
    const expected = level === 0 ? OVERFLOW : level === 1 ? LEAF : BRANCH;
    if (Number(page.readBigUInt64LE(0)) !== number || kind !== expected) return `page ${number} is not what LMDB wrote there`;
    return level === 0 ? undefined : lookAtNodes(number, level);
  }

  function lookAtNodes(number: number, level: number): string | undefined {
    const wrong = `page ${number} is not what LMDB wrote there`;
    const room = pageSize - HEADER_BYTES;
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    if (lower > upper || upper > room || lower % 2 !== 0) return wrong;
    for (let at = HEADER_BYTES; at < HEADER_BYTES + lower; at += 2) {
      const offset = page.readUInt16LE(at);
      if (offset < upper || offset + NODE_BYTES > room) return wrong;
      const node = HEADER_BYTES + offset;
      const low = page.readUInt32LE(node);
      const flags = page.readUInt16LE(node + 4);
      const data = node + NODE_BYTES + page.readUInt16LE(node + 6);
      if (level > 1) {
        open.push({ page: low + flags * 2 ** 32, level: level - 1 });
        if (data > pageSize) return wrong;
        continue;
      }
      const isBig = (flags & BIG_DATA) !== 0;
      const bytes = isBig ? 8 : low;
      if (data + bytes > pageSize) return wrong;
      if (isBig) open.push({ page: Number(page.readBigUInt64LE(data)), level: 0 });
      else if ((flags & SUB_DATABASE) !== 0 && (flags & DUPLICATES) === 0 && bytes >= DB_BYTES && !treeAt(page, data).every(add))
        return wrong;
    }
    return undefined;
  }
}
