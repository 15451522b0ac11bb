import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const COMPILE = join(import.meta.dirname, '..', 'compile.ts');
/** V8 says so when from then on every access to a typed array has to ask whether its memory is still there: growing the memory of the compiler does that. */
const WATCH = '--trace-protector-invalidation';
const GIVEN_UP = 'Invalidating protector cell ArrayBufferDetaching';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'part.ts'), "console.log('part ran');\nexport const one: number = 1;\n");
  writeFileSync(join(folder, 'main.ts'), "import { one } from './part.ts';\nconst two: number = one + 1;\nconsole.log('main ran', two);\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

function node(words: readonly string[], cache = join(folder, 'kept')) {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('scripts/compile.ts', () => {
  it('keeps what a program and all that it imports compile to, runs none of it, and spares the program the compiler', () => {
    expect(node([WATCH, 'main.ts']).stdout).toContain(GIVEN_UP);
    rmSync(join(folder, 'kept'), { recursive: true });
    const compiled = node([WATCH, COMPILE, 'main.ts']);
    expect(compiled.status).toBe(0);
    expect(compiled.stdout).not.toContain('ran');
    expect(node([WATCH, 'main.ts'])).toEqual({ status: 0, stdout: 'part ran\nmain ran 2\n', stderr: '' });
  });

  it('fails where a module cannot be read', () => {
    writeFileSync(join(folder, 'part.ts'), 'enum No {}\n');
    expect(node([COMPILE, 'main.ts']).status).not.toBe(0);
  });

  it('says what it needs', () => {
    expect(node([COMPILE, 'main.ts', 'other.ts'])).toMatchObject({ status: 2, stderr: 'there is no other.ts\n' });
    expect(node([COMPILE, 'main.ts'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('NODE_COMPILE_CACHE has to name') });
    expect(node([COMPILE])).toMatchObject({ status: 2, stderr: expect.stringContaining('FILE.ts') });
    expect(node([COMPILE, '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('None of them runs.') });
  });
});
