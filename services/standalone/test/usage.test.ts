import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { standaloneConfig } from '../src/config.ts';
import { readCommandLine } from '../src/usage.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

describe('the command line of the standalone', () => {
  it('starts without words', () => {
    expect(readCommandLine([])).toEqual({ kind: 'start' });
  });

  it('names every variable, the ports, the folder and where to read on', () => {
    for (const words of [['--help'], ['-h'], ['x', '--help']]) {
      const asked = readCommandLine(words);
      if (asked.kind !== 'help') throw new Error('no help');
      for (const name of Object.keys(standaloneConfig.shape)) expect(asked.text).toContain(`  ${name} `);
      expect(asked.text).toContain('[8080]');
      expect(asked.text).toContain('[25000ms]');
      expect(asked.text).toContain('./.messtrack');
      expect(asked.text).not.toMatch(/undefined|\[object/);
    }
  });

  it('refuses every other word instead of starting as if it had understood', () => {
    for (const words of [['--port=80'], ['--verbose'], ['help'], ['']]) {
      const asked = readCommandLine(words);
      expect(asked.kind).toBe('refuse');
      expect('text' in asked && asked.text).toContain(JSON.stringify(words[0]));
    }
  });

  it('ends the process with 0 after the help, and with 2 and nothing on standard output after a word it does not know', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('MESSTRACK_DATA') });
    expect(await run('--port=80')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('npm start -- --help') });
  });
});

function run(word: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    // A data folder that cannot be made: started in spite of the word, it would end with 1.
    execFile(process.execPath, [MAIN, word], { env: { MESSTRACK_DATA: '/dev/null/x' } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}
