import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loads } from '../checks/loads.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'messtrack-loads-'));
  execFileSync('git', ['init', '-q'], { cwd: root });
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, code: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), code);
}

it('finds what only Node objects to: syntax that cannot be stripped and names a CommonJS package does not export', async () => {
  write('packages/a/src/good.ts', 'export const good: number = 1;');
  write('packages/a/src/kind.ts', 'export class A { constructor(readonly name: string) {} }');
  write('packages/a/src/names.ts', "import { nothing } from './old.cjs'; export const n = nothing;");
  write('packages/a/src/old.cjs', 'module.exports = { something: 1 };');
  write('packages/a/src/main.ts', 'process.exit(3);');
  const { problems } = await loads.run(root);
  expect(problems).toEqual([
    expect.stringMatching(/^packages\/a\/src\/kind\.ts: .*parameter property/i),
    expect.stringMatching(/^packages\/a\/src\/names\.ts: .*nothing/),
  ]);
});

it('proves nothing without modules, and says so', async () => {
  expect((await loads.run(root)).problems).toHaveLength(1);
});
