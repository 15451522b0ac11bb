/**
 * When a person last wrote to an account. This process knows to the second what it received itself; the join store, which the matcher writes, knows everybody, and
 * is behind by at most the time that the matcher lets a contact's last message go unwritten.
 */
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import type { LastInbound } from './outbound-admission.ts';

export interface LastInboundMemory {
  note(workspace: string, account: string, contactKeys: readonly string[], atMs: number): void;
  find(workspace: string, account: string, contactKeys: readonly string[]): Promise<LastInbound | undefined>;
}

const MAX_PEOPLE = 100_000;
/** The join store waits while it is away, for the matcher must not guess. A queue may: the provider knows the window. */
const STORE_PATIENCE_MS = 1_500;
/** A lead is open for an hour, and a contact whose last message alone has changed is written every six. */
const STORE_SLACK_MS = 7 * 3_600_000;

export function createLastInbound(joins: Pick<JoinStore, 'read'> | undefined): LastInboundMemory {
  const recent = new Map<string, number>();
  /** A short name per account; there are as many as the workspaces configure. */
  const names = new Map<string, string>();
  /** Questions that the store has not answered in time. While there are any it is away, and nobody else waits for it: a message each 1.5 s is no queue. */
  let overdue = 0;

  /**
   * Joined and not added up: a sum of texts keeps its summands, and a contact's key cut from a longer hash keeps the whole of it. That is 310 bytes per key
   * (heap snapshot of the standalone), where a text of its own and its time take 93.
   */
  function keyOf(workspace: string, account: string, contactKey: string): string {
    const full = `${workspace}/${account}`;
    let name = names.get(full);
    if (name === undefined) {
      name = String(names.size);
      names.set(full, name);
    }
    return [name, contactKey].join('/');
  }

  async function stored(workspace: string, account: string, keys: readonly string[]): Promise<number | undefined> {
    if (joins === undefined || keys.length === 0) return undefined;
    const read = (names: readonly string[]) =>
      joins.read(names.map((key) => ({ key: `contact/${workspace}/${account}/${key}`, before: Number.MAX_SAFE_INTEGER })));
    let latest: number | undefined;
    const canonical: string[] = [];
    const look = (value: Uint8Array): void => {
      const entry = readContactEntry(value);
      if (entry === undefined) return;
      if ('canonical' in entry) canonical.push(entry.canonical);
      else if (entry.lastMessageAtMs > 0) latest = Math.max(latest ?? 0, entry.lastMessageAtMs);
    };
    for (const entry of await read(keys)) if (entry !== null) look(entry.value);
    if (latest === undefined && canonical.length > 0) for (const entry of await read(canonical)) if (entry !== null) look(entry.value);
    return latest;
  }

  async function storedSoon(workspace: string, account: string, keys: readonly string[]): Promise<number | undefined | 'away'> {
    if (overdue > 0) return 'away';
    const answer = stored(workspace, account, keys);
    const inTime = await soon(answer);
    if (inTime !== 'away') return inTime;
    overdue += 1;
    const settled = () => {
      overdue -= 1;
    };
    answer.then(settled, settled);
    return 'away';
  }

  return {
    note(workspace, account, contactKeys, atMs) {
      for (const each of contactKeys) {
        const key = keyOf(workspace, account, each);
        const known = recent.get(key) ?? 0;
        // Taken out and put in again: the map's order is that of use.
        recent.delete(key);
        recent.set(key, Math.max(known, atMs));
      }
      while (recent.size > MAX_PEOPLE) {
        const oldest = recent.keys().next();
        if (oldest.done === true) break;
        recent.delete(oldest.value);
      }
    },
    async find(workspace, account, contactKeys) {
      const own = contactKeys.map((key) => recent.get(keyOf(workspace, account, key)) ?? 0);
      const ownMs = Math.max(0, ...own);
      const storedMs = await storedSoon(workspace, account, contactKeys);
      if (storedMs === 'away') return { atMs: ownMs, slackMs: Number.POSITIVE_INFINITY };
      if (storedMs !== undefined && storedMs + STORE_SLACK_MS > ownMs) {
        const atMs = Math.max(storedMs, ownMs);
        return { atMs, slackMs: storedMs + STORE_SLACK_MS - atMs };
      }
      return ownMs === 0 ? undefined : { atMs: ownMs, slackMs: 0 };
    },
  };
}

async function soon<T>(answer: Promise<T>): Promise<T | 'away'> {
  let timer: NodeJS.Timeout | undefined;
  const away = new Promise<'away'>((resolve) => {
    timer = setTimeout(() => resolve('away'), STORE_PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, away]);
  } finally {
    clearTimeout(timer);
  }
}

const decoder = new TextDecoder();

/**
 * A contact of the join store: `[1, "contact", key, aliases, leads, …]` with leads `[id, started, last message, …]`, or `[1, "alias", canonical key]`, as
 * services/matcher/src/adapters/entry-codec.ts writes them. Undefined for any other format: then the provider decides.
 */
export function readContactEntry(value: Uint8Array): { readonly lastMessageAtMs: number } | { readonly canonical: string } | undefined {
  let form: unknown;
  try {
    form = JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
  if (!Array.isArray(form) || form[0] !== 1) return undefined;
  if (form[1] === 'alias' && typeof form[2] === 'string') return { canonical: form[2] };
  if (form[1] !== 'contact' || !Array.isArray(form[4])) return undefined;
  const times = form[4].map((lead: unknown) => (Array.isArray(lead) && typeof lead[2] === 'number' ? lead[2] : 0));
  return { lastMessageAtMs: Math.max(0, ...times) };
}
