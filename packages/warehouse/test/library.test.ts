import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('loads no ClickHouse into a process that writes to a server', () => {
  const files = ['packages/warehouse/src/connect.ts', 'packages/warehouse/src/migrate.ts', 'services/exporter/src/service.ts'];
  const urls = files.map((file) => new URL(`../../../${file}`, import.meta.url).href);
  const program = `
    import { createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/chdb/'));
    for (const url of ${JSON.stringify(urls)}) await import(url);
    const before = loaded();
    await import(${JSON.stringify(new URL('../src/embedded-engine.ts', import.meta.url).href)});
    console.log(JSON.stringify([before, loaded()]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  // The second shows that the question can be answered by yes.
  expect([stdout.trim(), stderr]).toEqual(['[false,true]', '']);
});
