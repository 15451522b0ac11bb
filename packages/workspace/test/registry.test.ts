// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspaces } from '../src/registry.ts';
import type { WorkspaceRegistry } from '../src/workspace.ts';

function yaml(name: string, phoneNumberId: string, more = ''): string {
  return `workspace: ${name}
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "${phoneNumberId}", app_secret: \${S}, verify_token: \${V} }
${more}`;
}

describe('a folder of workspaces', () => {
  let dir: string;
  let registry: WorkspaceRegistry | undefined;
  let logged: { level: string; message: string }[];
  const env = { S: 's', V: 'v' };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'messtrack-workspaces-'));
    logged = [];
    registry = undefined;
  });
  afterEach(async () => {
    await registry?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function open(watch = true, pollMs = 10_000): Promise<WorkspaceRegistry> {
    const at = (level: string) => (_: object, message: string) => void logged.push({ level, message });
    registry = await openWorkspaces({ dir, env, watch, pollMs, log: { info: at('info'), warn: at('warn'), error: at('error') } });
    return registry;
  }

  /** As editors do: the new text under another name, then renamed over the old. */
  async function put(file: string, text: string): Promise<void> {
    await writeFile(join(dir, `.${file}.tmp`), text);
    await rename(join(dir, `.${file}.tmp`), join(dir, file));
  }

  const errors = () => logged.filter(({ level }) => level === 'error').map(({ message }) => message);

  it('is refused with every problem of every file', async () => {
    await put('a.yaml', yaml('a', 'x', 'colour: red\n'));
    await put('b.yml', 'workspace: B\n');
    await expect(open()).rejects.toMatchObject({
      name: 'WorkspaceError',
      message: expect.stringMatching(/^4 problems in workspace files:\n(.*\n){3}.*$/),
    });
  });

  it('is refused when it is empty or missing', async () => {
    await expect(open()).rejects.toThrow(/holds no \*\.yaml file/);
    await rm(dir, { recursive: true });
    await expect(open()).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });

  it('is refused when two workspaces share a name or a number', async () => {
    await put('a.yaml', yaml('a', '11111'));
    await put('b.yaml', yaml('a', '22222'));
    await expect(open()).rejects.toThrow(/b\.yaml workspace: a is already the workspace of .*a\.yaml/);
    await put('b.yaml', yaml('b', '11111'));
    await expect(open()).rejects.toThrow(/b\.yaml accounts\.wa\.phone_number_id: is already that of account a\/wa/);
  });

  it('is followed: changed, added and deleted files come into force', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open();
    const before = opened.current();
    const seen: string[][] = [];
    opened.onChange((workspaces) => seen.push([...workspaces.keys()]));

    await put('b.yaml', yaml('b', '22222'));
    await expect.poll(() => [...opened.current().keys()]).toEqual(['a', 'b']);
    await put('a.yaml', yaml('a', '11111', 'matching: { click_window: 5d }\n'));
    await expect.poll(() => opened.current().get('a')?.matching.clickWindowMs).toBe(5 * 86_400_000);
    await rm(join(dir, 'b.yaml'));
    await expect.poll(() => [...opened.current().keys()]).toEqual(['a']);

    expect([...before.keys()]).toEqual(['a']);
    expect(before.get('a')?.matching.clickWindowMs).toBe(30 * 86_400_000);
    expect(seen.at(0)).toEqual(['a', 'b']);
    expect(seen.at(-1)).toEqual(['a']);
  });

  it('keeps the old settings of a file that turned bad, says all that is wrong, and takes the other files', async () => {
    await put('a.yaml', yaml('a', '11111'));
    await put('b.yaml', yaml('b', '22222'));
    const opened = await open();
    await put('a.yaml', yaml('A', 'x'));
    await put('c.yaml', yaml('c', '33333'));
    await expect.poll(() => [...opened.current().keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(new Set(errors()).size).toBe(2);
    for (const error of errors()) expect(error).toMatch(/^workspace file not taken, old settings stay: .*a\.yaml:/);
  });

  const numbers = (opened: WorkspaceRegistry) =>
    Object.fromEntries([...opened.current()].map(([name, { accounts }]) => [name, accounts.get('wa')?.receiver]));

  it('refuses a newcomer that takes what another file has, whichever comes first by name, and takes the other files', async () => {
    await put('b.yaml', yaml('b', '11111'));
    const opened = await open();
    await put('a.yaml', yaml('a', '11111'));
    await put('c.yaml', yaml('b', '33333'));
    await put('d.yaml', yaml('d', '44444'));
    await expect.poll(() => numbers(opened)).toEqual({ b: '11111', d: '44444' });
    await expect.poll(() => errors().length).toBeGreaterThanOrEqual(2);
    for (const error of errors()) {
      expect(error).toMatch(
        /^workspace file not taken, old settings stay: .*(a\.yaml accounts\.wa\.phone_number_id: is already that of account b\/wa|c\.yaml workspace: b is already the workspace of .*b\.yaml)/,
      );
    }
    // Freed, the number goes to who has asked for it.
    await put('b.yaml', yaml('b', '22222'));
    await expect.poll(() => numbers(opened)).toEqual({ a: '11111', b: '22222', d: '44444' });
  });

  it('moves a number from one workspace to another, and swaps two, when both files are written', async () => {
    await put('a.yaml', yaml('a', '11111'));
    await put('b.yaml', yaml('b', '22222'));
    const opened = await open();
    await put('a.yaml', yaml('a', '22222'));
    await put('b.yaml', yaml('b', '11111'));
    await expect.poll(() => numbers(opened)).toEqual({ a: '22222', b: '11111' });
  });

  it('leaves a number where it is while the file that gives it up is spoilt', async () => {
    await put('a.yaml', yaml('a', '11111'));
    await put('b.yaml', yaml('b', '22222'));
    const opened = await open();
    await put('a.yaml', `${yaml('a', '33333')}colour: red\n`);
    await put('b.yaml', yaml('b', '11111'));
    await put('c.yaml', yaml('c', '44444'));
    await expect.poll(() => numbers(opened)).toEqual({ a: '11111', b: '22222', c: '44444' });
    await put('a.yaml', yaml('a', '33333'));
    await expect.poll(() => numbers(opened)).toEqual({ a: '33333', b: '11111', c: '44444' });
  });

  it('keeps every workspace while the folder is empty, gone or not to be read, and follows it again', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open(true, 300);
    await rm(join(dir, 'a.yaml'));
    await expect.poll(() => errors().join()).toContain('holds no *.yaml file');
    expect([...opened.current().keys()]).toEqual(['a']);
    await rm(dir, { recursive: true });
    await expect.poll(() => errors().join()).toContain('cannot be read (ENOENT)');
    expect([...opened.current().keys()]).toEqual(['a']);
    await mkdir(dir);
    await put('b.yaml', yaml('b', '22222'));
    await expect.poll(() => [...opened.current().keys()]).toEqual(['b']);
  });

  it('follows the links of a mounted ConfigMap, and keeps the settings of one that leads nowhere', async () => {
    const version = async (name: string, ...files: (readonly [string, string])[]) => {
      await mkdir(join(dir, name));
      for (const [file, text] of files) await writeFile(join(dir, name, file), text);
      await symlink(name, join(dir, '..data_tmp'));
      await rename(join(dir, '..data_tmp'), join(dir, '..data'));
    };
    await version('..1', ['a.yaml', yaml('a', '11111')], ['b.yaml', yaml('b', '22222')]);
    for (const file of ['a.yaml', 'b.yaml']) await symlink(`..data/${file}`, join(dir, file));
    const opened = await open();
    await version('..2', ['a.yaml', yaml('a', '33333')]);
    await expect.poll(() => numbers(opened)).toEqual({ a: '33333', b: '22222' });
    expect(errors().at(-1)).toMatch(/b\.yaml: is a link to a file that is not there$/);
    await rm(join(dir, 'b.yaml'));
    await expect.poll(() => numbers(opened)).toEqual({ a: '33333' });
  });

  it('is followed where something else is written into the folder all the time', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open();
    const stop = new AbortController();
    // One write after the other: two at once would take each other's file away, and one that is still under way would outlive the folder.
    const traffic = (async () => {
      for (let count = 0; !stop.signal.aborted; count += 1) {
        await put('traffic.log', String(count));
        await setTimeout(50);
      }
    })();
    try {
      await put('b.yaml', yaml('b', '22222'));
      await expect.poll(() => [...opened.current().keys()]).toEqual(['a', 'b']);
    } finally {
      stop.abort();
      await traffic;
    }
  });

  it('says what it does not read: a folder or a pipe in the place of a file, and one that is too large', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open();
    await mkdir(join(dir, 'folder.yaml'));
    await put('large.yaml', `# ${'x'.repeat(4 * 1_024 * 1_024)}`);
    const secret = join(dir, 'pipe');
    execFileSync('mkfifo', [join(dir, 'pipe.yaml'), secret]);
    await put('secret.yaml', yaml('s', '55555').replace('${S}', `\${file:${secret}}`));
    await put('b.yaml', yaml('b', '22222'));
    await expect.poll(() => [...opened.current().keys()]).toEqual(['a', 'b']);
    const said = [...new Set(errors())].map((error) => error.replace(/^.*: (?=\S*\.yaml)/, '').replace(dir, ''));
    expect(said).toEqual([
      expect.stringMatching(/folder\.yaml: cannot be read \(EISDIR\)$/),
      expect.stringMatching(/large\.yaml: has 4194306 bytes; a workspace file has at most 4194304$/),
      expect.stringMatching(/pipe\.yaml: cannot be read \(not a regular file\)$/),
      expect.stringMatching(/secret\.yaml:3 accounts\.wa\.app_secret: the file .* cannot be read \(not a regular file\)/),
    ]);
  });

  it('brings a rotated secret into force, which changes no revision', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open();
    const { revision } = opened.current().get('a')!;
    await put('a.yaml', yaml('a', '11111').replace('app_secret: ${S}', 'app_secret: ${V}'));
    await expect
      .poll(() => {
        const account = opened.current().get('a')?.accounts.get('wa');
        return account?.provider === 'whatsapp' && account.appSecret.reveal();
      })
      .toBe('v');
    expect(opened.current().get('a')?.revision).toBe(revision);
  });

  it('takes settings that decide no attribution, such as those of the snippet', async () => {
    await put('a.yaml', yaml('a', '11111'));
    const opened = await open();
    await put('a.yaml', yaml('a', '11111', 'snippet: { consent: assumed }\n'));
    await expect.poll(() => opened.current().get('a')?.snippet.isConsentAssumed).toBe(true);
  });

  it('reads a secret again that comes from another file when a workspace file is touched', async () => {
    const secretFile = join(dir, 'secret');
    const text = yaml('a', '11111').replace('${S}', `\${file:${secretFile}}`);
    await writeFile(secretFile, 'old');
    await put('a.yaml', text);
    const opened = await open();
    const secret = () => {
      const account = opened.current().get('a')?.accounts.get('wa');
      return account?.provider === 'whatsapp' && account.appSecret.reveal();
    };
    expect(secret()).toBe('old');
    await writeFile(secretFile, 'new');
    await put('a.yaml', text);
    await expect.poll(secret).toBe('new');
    await rm(secretFile);
    await put('a.yaml', text);
    await expect.poll(() => logged.some(({ level, message }) => level === 'error' && message.includes('old settings stay'))).toBe(true);
    expect(secret()).toBe('new');
  });

  it('takes a secret that is rotated in its file, without anybody touching the workspace, and keeps the old one while the file is gone', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'messtrack-secrets-'));
    try {
      const secretFile = join(elsewhere, 'secret');
      await writeFile(secretFile, 'old');
      await put('a.yaml', yaml('a', '11111').replace('${S}', `\${file:${secretFile}}`));
      const opened = await open(true, 300);
      const { revision } = opened.current().get('a')!;
      const secret = () => {
        const account = opened.current().get('a')?.accounts.get('wa');
        return account?.provider === 'whatsapp' && account.appSecret.reveal();
      };
      expect(secret()).toBe('old');
      await writeFile(`${secretFile}.next`, 'new');
      await rename(`${secretFile}.next`, secretFile);
      await expect.poll(secret).toBe('new');
      expect(opened.current().get('a')?.revision).toBe(revision);
      await rm(secretFile);
      await expect.poll(() => logged.some(({ level, message }) => level === 'error' && message.includes('old settings stay'))).toBe(true);
      expect(secret()).toBe('new');
      await writeFile(secretFile, 'newest');
      await expect.poll(secret).toBe('newest');
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('leaves files alone that nobody has written to', async () => {
    await put('a.yaml', yaml('a', '11111'));
    await put('b.yaml', yaml('b', '22222'));
    await put('c.yaml', yaml('c', '33333'));
    const opened = await open();
    const before = opened.current();
    await put('b.yaml', yaml('b', '22222', 'matching: { click_window: 5d }\n'));
    await put('c.yaml', yaml('c', '33333'));
    await expect.poll(() => opened.current().get('b')?.matching.clickWindowMs).toBe(5 * 86_400_000);
    expect(opened.current().get('a')).toBe(before.get('a'));
    expect(opened.current().get('c')).toBe(before.get('c'));
  });
});
