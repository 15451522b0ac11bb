import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { openLmdbJoinStore } from '../src/join-store-lmdb.ts';
import { openLmdbVisitStore } from '../src/visit-store-lmdb.ts';
import { joinContract, until, values, write } from './join-contract.ts';
import { visitContract } from './visit-contract.ts';

const folder = await mkdtemp(join(tmpdir(), 'messtrack-sessions-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

joinContract('LMDB', { open: () => openLmdbJoinStore({ path: join(folder, 'joins'), sweepIntervalMs: 20 }) });
visitContract('LMDB', { open: () => openLmdbVisitStore({ path: join(folder, 'visits'), sweepIntervalMs: 20 }) });

it('sweeps a backlog of several steps, and nothing that lives longer', async () => {
  let nowMs = 1_000_000;
  const store = await openLmdbJoinStore({ path: join(folder, 'sweep'), sweepIntervalMs: 20, now: () => nowMs });
  const short = Array.from({ length: 1_200 }, (_, index) => ({ ...write(`short/${index}`, 1, 'v'), expiresAtMs: nowMs + index }));
  const long = Array.from({ length: 50 }, (_, index) => ({ ...write(`long/${index}`, 1, 'v'), expiresAtMs: nowMs + 100_000 }));
  await store.write([...short, ...long]);
  expect(await values(store, ['short/0', 'short/1199', 'long/49'])).toEqual(['v@1', 'v@1', 'v@1']);
  nowMs += 50_000;
  await until(async () =>
    (
      await values(
        store,
        short.map((each) => each.key),
      )
    ).every((each) => each === null),
  );
  expect(
    await values(
      store,
      long.map((each) => each.key),
    ),
  ).toEqual(long.map(() => 'v@1'));
  await store.close();
});

it('does not sweep by a clock that was set a year ahead', async () => {
  const startMs = Date.now();
  const store = await openLmdbJoinStore({ path: join(folder, 'ahead'), sweepIntervalMs: 10 });
  await store.write([
    { ...write('month', 1, 'v'), expiresAtMs: startMs + 30 * 86_400_000 },
    { ...write('moment', 1, 'v'), expiresAtMs: startMs + 300 },
  ]);
  vi.useFakeTimers({ toFake: ['Date'], now: startMs + 365 * 86_400_000 });
  try {
    // Due after the clock was set, and swept in the order of what is due: a sweep that took the other as well would take both at once.
    await until(async () => (await values(store, ['moment']))[0] === null);
    expect(await values(store, ['month'])).toEqual(['v@1']);
  } finally {
    vi.useRealTimers();
  }
  await store.close();
});
