import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contractsBreaking } from '../checks/contracts.ts';

const BUF = 'version: v2\nmodules:\n  - path: .\nbreaking:\n  use: [WIRE_JSON]\n';
const contract = (...fields: readonly string[]): string =>
  `syntax = "proto3";\n\npackage demo.v1;\n\nmessage A {\n${fields.join('\n')}\n}\n`;
const OLD = contract('  string name = 1;', '  int64 at_ms = 2;');
const ADDED = contract('  string name = 1;', '  int64 at_ms = 2;', '  string note = 3;');
const BROKEN = contract('  string name = 1;', '  string at_ms = 2;');

let folder: string;
let root: string;

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { cwd, stdio: 'pipe' });
}

function write(into: string, text: string): void {
  mkdirSync(join(into, 'proto/demo/v1'), { recursive: true });
  writeFileSync(join(into, 'proto/buf.yaml'), BUF);
  writeFileSync(join(into, 'proto/demo/v1/a.proto'), text);
}

function commit(text: string): void {
  write(root, text);
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'contracts');
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messtrack-contracts-test-'));
  root = join(folder, 'project');
  mkdirSync(root);
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'commit', '-q', '--allow-empty', '-m', 'start');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the check of breaking changes', () => {
  it('lets additions pass and finds what breaks readers, against main', async () => {
    commit(OLD);
    write(root, ADDED);
    expect(await contractsBreaking.run(root)).toEqual({ problems: [], notes: ['compared with main'] });
    write(root, BROKEN);
    const { problems } = await contractsBreaking.run(root);
    expect(problems.join('\n')).toContain('at_ms');
  });

  it('compares with the last tag rather than with main', async () => {
    commit(OLD);
    git(root, 'tag', 'v0.9.0');
    git(root, 'tag', 'v0.10.0');
    commit(BROKEN);
    const { problems, notes } = await contractsBreaking.run(root);
    expect(notes).toEqual(['compared with v0.10.0']);
    expect(problems.join('\n')).toContain('at_ms');
  });

  it('says that there is nothing to compare with when no ref holds contracts', async () => {
    write(root, OLD);
    expect(await contractsBreaking.run(root)).toEqual({ problems: [], notes: [expect.stringContaining('nothing to compare with')] });
  });

  it('works in a shallow clone and in a linked worktree', async () => {
    commit(OLD);
    commit(ADDED);
    const clone = join(folder, 'clone');
    git(folder, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
    write(clone, BROKEN);
    expect((await contractsBreaking.run(clone)).problems.join('\n')).toContain('at_ms');
    const worktree = join(folder, 'worktree');
    git(root, 'worktree', 'add', '-q', worktree, '-b', 'side');
    expect(await contractsBreaking.run(worktree)).toEqual({ problems: [], notes: ['compared with main'] });
  });
});
