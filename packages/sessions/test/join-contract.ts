import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JoinEntry, JoinRead, JoinStore, JoinWrite } from '../src/join-store.ts';

export interface JoinHarness {
  /** A new store on the same data. */
  open(): Promise<JoinStore>;
}

const FAR_MS = Date.now() + 86_400_000;

/** Everything `join-store.ts` promises. Run against every adapter. */
export function joinContract(name: string, harness: JoinHarness): void {
  describe(`join store contract: ${name}`, () => {
    let store: JoinStore;
    beforeAll(async () => {
      store = await harness.open();
    });
    afterAll(() => store.close());

    it('answers in the order of the reads, null where nothing is', async () => {
      const space = newSpace();
      await store.write([write(`${space}/a`, 5, 'a'), write(`${space}/b`, 6, 'b')]);
      expect(await values(store, [`${space}/b`, `${space}/none`, `${space}/a`])).toEqual(['b@6', null, 'a@5']);
      expect(await store.read([])).toEqual([]);
      await store.write([]);
    });

    it('hides an entry from readers at its own position and before', async () => {
      const key = `${newSpace()}/k`;
      await store.write([write(key, 7, 'v')]);
      expect(await seen(store, key, [0, 6, 7, 8, Number.MAX_SAFE_INTEGER])).toEqual([null, null, null, 'v@7', 'v@7']);
    });

    it('keeps the lowest position in mode first, also when the later one was written before it', async () => {
      const key = `${newSpace()}/code`;
      await store.write([write(key, 20, 'later', 'first')]);
      await store.write([write(key, 10, 'earlier', 'first')]);
      await store.write([write(key, 30, 'latest', 'first')]);
      expect(await seen(store, key, [10, 11, 21, 31])).toEqual([null, 'earlier@10', 'earlier@10', 'earlier@10']);
    });

    it('shows every reader the newest version before it in mode latest', async () => {
      const key = `${newSpace()}/contact`;
      await store.write([write(key, 30, 'c'), write(key, 10, 'a'), write(key, 20, 'b')]);
      expect(await seen(store, key, [10, 11, 20, 21, 30, 31])).toEqual([null, 'a@10', 'a@10', 'b@20', 'b@20', 'c@30']);
    });

    it('keeps two versions with the same value apart', async () => {
      const key = `${newSpace()}/contact`;
      await store.write([write(key, 10, 'same'), write(key, 20, 'same')]);
      expect(await seen(store, key, [11, 21])).toEqual(['same@10', 'same@20']);
    });

    it('takes the same write again without a trace', async () => {
      const key = `${newSpace()}/contact`;
      for (let round = 0; round < 3; round++) await store.write([write(key, 10, 'a'), write(key, 20, 'b'), write(key, 20, 'b')]);
      expect(await seen(store, key, [11, 21])).toEqual(['a@10', 'b@20']);
    });

    it('keeps the sixteen newest versions', async () => {
      const key = `${newSpace()}/contact`;
      await store.write(Array.from({ length: 20 }, (_, position) => write(key, position, `v${position}`)));
      // Older than all that are kept: gone at once.
      await store.write([write(key, 3, 'v3')]);
      expect(await seen(store, key, [4, 5, 18, 100])).toEqual([null, 'v4@4', 'v17@17', 'v19@19']);
    });

    it('keeps bytes and large positions exactly', async () => {
      const key = `${newSpace()}/ключ ünï*?[x]\\`;
      const value = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
      const position = Number.MAX_SAFE_INTEGER - 1;
      await store.write([
        { key, value: new Uint8Array(0), position: 0, expiresAtMs: FAR_MS, mode: 'latest' },
        { key, value, position, expiresAtMs: FAR_MS, mode: 'latest' },
      ]);
      const [empty, full] = await store.read([
        { key, before: 1 },
        { key, before: position + 1 },
      ]);
      expect([empty?.value.length, empty?.position]).toEqual([0, 0]);
      expect([Uint8Array.from(full?.value ?? []), full?.position]).toEqual([value, position]);
    });

    it('takes keys of 512 bytes and refuses longer ones by name', async () => {
      const space = newSpace();
      const key = space.padEnd(512, 'k');
      await store.write([write(key, 1, 'v')]);
      expect(await values(store, [key])).toEqual(['v@1']);
      await expect(store.write([write(`${key}k`, 1, 'v')])).rejects.toBeInstanceOf(RangeError);
      await expect(store.read([{ key: '', before: 1 }])).rejects.toBeInstanceOf(RangeError);
    });

    it('writes and reads thousands in one call', async () => {
      const space = newSpace();
      const keys = Array.from({ length: 3_000 }, (_, index) => `${space}/${index}`);
      await store.write(keys.map((key, index) => write(key, index, key, index % 2 === 0 ? 'first' : 'latest')));
      expect(await values(store, keys)).toEqual(keys.map((key, index) => `${key}@${index}`));
    });

    it('forgets an entry after its time, and the key as a whole with the last of its versions', async () => {
      const space = newSpace();
      const soon = Date.now() + 300;
      await store.write([
        { ...write(`${space}/short`, 1, 'v'), expiresAtMs: soon },
        { ...write(`${space}/long`, 1, 'v'), expiresAtMs: FAR_MS },
        { ...write(`${space}/mixed`, 1, 'old'), expiresAtMs: FAR_MS },
        { ...write(`${space}/mixed`, 2, 'new'), expiresAtMs: soon },
        { ...write(`${space}/extended`, 1, 'old'), expiresAtMs: soon },
        { ...write(`${space}/extended`, 2, 'new'), expiresAtMs: FAR_MS },
        { ...write(`${space}/barrier`, 1, 'v'), expiresAtMs: soon + 300 },
      ]);
      // The barrier goes last: when it is gone, everything that was due before it is gone.
      await until(async () => (await values(store, [`${space}/barrier`]))[0] === null);
      const keys = ['short', 'long', 'mixed', 'extended'].map((key) => `${space}/${key}`);
      expect(await values(store, keys)).toEqual([null, 'v@1', 'new@2', 'new@2']);
    });

    it('clears what starts with a prefix and nothing else', async () => {
      const space = newSpace();
      const mine = Array.from({ length: 700 }, (_, index) => `${space}/a*[x]/${index}`);
      const others = [`${space}/a*[x]`, `${space}/abx/1`, `${space}/b`, space];
      await store.write([...mine, ...others].map((key) => write(key, 1, 'v')));
      expect(await store.clear(`${space}/a*[x]/`)).toBe(700);
      expect(await values(store, [...mine, ...others])).toEqual([...mine.map(() => null), ...others.map(() => 'v@1')]);
      expect(await store.clear(`${space}/a*[x]/`)).toBe(0);
    });

    it('keeps everything over a new start', async () => {
      const key = `${newSpace()}/k`;
      await store.write([write(key, 1, 'v')]);
      await store.close();
      store = await harness.open();
      expect(await values(store, [key])).toEqual(['v@1']);
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('answers like the model whatever is written and read in whatever order', async () => {
      const position = fc.nat({ max: 24 });
      const name = fc.constantFrom('a', 'b', 'c');
      const step = fc.oneof(
        fc.record({ kind: fc.constant('write' as const), name, position, mode: fc.constantFrom('first' as const, 'latest' as const) }),
        fc.record({ kind: fc.constant('read' as const), name, before: fc.nat({ max: 26 }) }),
        fc.record({ kind: fc.constant('clear' as const), name }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { maxLength: 25 }), async (calls) => {
          const space = newSpace();
          const model = new Map<string, Map<number, string>>();
          for (const call of calls) {
            const writes: JoinWrite[] = [];
            const reads: JoinRead[] = [];
            const expected: (string | null)[] = [];
            for (const each of call) {
              // A key is written in one mode all its life.
              if (each.kind !== 'write') continue;
              writes.push(write(`${space}/${each.mode}/${each.name}`, each.position, `${each.name}${each.position}`, each.mode));
            }
            await store.write(writes);
            for (const each of writes) modelWrite(model, each);
            for (const each of call) {
              if (each.kind !== 'read') continue;
              for (const mode of ['first', 'latest']) {
                const key = `${space}/${mode}/${each.name}`;
                reads.push({ key, before: each.before });
                expected.push(modelRead(model, key, each.before));
              }
            }
            expect((await store.read(reads)).map(show)).toEqual(expected);
            const cleared = call.find((each) => each.kind === 'clear');
            if (cleared === undefined) continue;
            const prefix = `${space}/latest/${cleared.name}`;
            expect(await store.clear(prefix)).toBe(model.delete(prefix) ? 1 : 0);
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** The port's sentences as the simplest program that obeys them: all positions of a key, and what is kept of them. */
function modelWrite(model: Map<string, Map<number, string>>, { key, position, value, mode }: JoinWrite): void {
  const all = new Map([...(model.get(key) ?? []), [position, Buffer.from(value).toString()] as const]);
  const kept = [...all].sort(([a], [b]) => a - b);
  model.set(key, new Map(mode === 'first' ? kept.slice(0, 1) : kept.slice(-16)));
}

function modelRead(model: Map<string, Map<number, string>>, key: string, before: number): string | null {
  const visible = [...(model.get(key) ?? [])].filter(([position]) => position < before);
  const newest = visible.at(-1);
  return newest === undefined ? null : `${newest[1]}@${newest[0]}`;
}

export function newSpace(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

export function write(key: string, position: number, value: string, mode: JoinWrite['mode'] = 'latest'): JoinWrite {
  return { key, position, value: Buffer.from(value), expiresAtMs: FAR_MS, mode };
}

export async function values(store: JoinStore, keys: readonly string[]): Promise<(string | null)[]> {
  return (await store.read(keys.map((key) => ({ key, before: Number.MAX_SAFE_INTEGER })))).map(show);
}

async function seen(store: JoinStore, key: string, befores: readonly number[]): Promise<(string | null)[]> {
  return (await store.read(befores.map((before) => ({ key, before })))).map(show);
}

function show(entry: JoinEntry | null): string | null {
  return entry === null ? null : `${Buffer.from(entry.value).toString()}@${entry.position}`;
}

/** Polls; the test's own time limit is the bound. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
