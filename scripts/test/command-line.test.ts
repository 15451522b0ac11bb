import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@messtrack/testing/command.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const script = (name: string, ...args: readonly string[]) => run(process.execPath, [join(ROOT, 'scripts', `${name}.ts`), ...args]);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messtrack-commands-'));
  await writeFile(join(folder, 'signs.csv'), 'placement,label\nmetro-sign,A\n');
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('commands', () => {
  it.each(['links', 'qr-sheet', 'demo', 'rebuild-sessions'])('%s says what was mistyped in one line, with exit code 2', async (name) => {
    const { code, output } = await script(name, '--bogus');
    expect(code).toBe(2);
    expect(output).toContain("'--bogus'");
    expect(output).toContain(`npm run ${name} -- --help says how.`);
    expect(output).not.toMatch(/^\s+at /m);
  });

  it.each([
    ['a file that cannot be written', ['--out', '/nowhere/signs.zip'], '/nowhere/signs.zip cannot be written (ENOENT)'],
    ['a parameter that is none', ['--out', 'signs.zip', '--set', 'levle=H'], '--set levle is no parameter of a code'],
    ['a font that is none', ['--out', 'signs.pdf', '--font', 'package.json'], '--font package.json is no font that can be read'],
    ['a folder that is none', ['--out', 'signs.zip', '--workspaces', '/nowhere'], '/nowhere: cannot be read (ENOENT)'],
  ])('qr-sheet answers %s, with exit code 2', async (_case, options, answer) => {
    const base = ['--base', 'https://go.acme.example', '--workspace', 'demo', '--workspaces', join(ROOT, 'examples', 'workspaces')];
    const { code, output } = await script('qr-sheet', join(folder, 'signs.csv'), ...base, ...options);
    expect(output).toContain(answer);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });
});
