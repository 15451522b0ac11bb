import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolderLockedError } from '@messtrack/runtime/data-folder.ts';
import { expect, it, onTestFinished } from 'vitest';
import { fakeProducer, startHarness } from './harness.ts';

it('is refused while another ingest works in it, which keeps what it has acknowledged, and free when that one has ended', async () => {
  const spoolDir = await mkdtemp(join(tmpdir(), 'messtrack-spool-'));
  onTestFinished(() => rm(spoolDir, { recursive: true, force: true }));
  const producer = fakeProducer();
  producer.mode = 'away';
  const first = await startHarness({ spoolDir, producer });
  expect((await first.app.inject({ url: '/t/acme/ad' })).statusCode).toBe(302);
  const kept = first.service.spoolBytes();
  expect(kept).toBeGreaterThan(0);

  const second = startHarness({ spoolDir });
  await expect(second).rejects.toBeInstanceOf(DataFolderLockedError);
  await expect(second).rejects.toThrow(`${spoolDir} is in use by another process (pid ${process.pid}`);
  expect(first.service.spoolBytes()).toBe(kept);
  await first.close();

  const third = await startHarness({ spoolDir });
  await expect.poll(() => third.clicks().length).toBe(1);
  await third.close();
});
