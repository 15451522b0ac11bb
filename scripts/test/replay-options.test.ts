import { describe, expect, it } from 'vitest';
import { HELP, readOptions } from '../replay/options.ts';
import { WHOLE_LOG } from '../replay/stretch.ts';

function problems(...args: string[]): string {
  const read = readOptions(args);
  if (read === 'help' || !('problems' in read)) throw new Error('these options are fine');
  return read.problems.join('\n');
}

describe('options of npm run replay', () => {
  it('need nothing: the whole log under its own models, and nothing is written', () => {
    expect(readOptions([])).toEqual({
      data: undefined,
      warehouse: false,
      settings: [],
      model: 'log',
      stretch: WHOLE_LOG,
      workspace: undefined,
      account: undefined,
      json: false,
      changed: undefined,
      apply: false,
      confirm: undefined,
      atLeast: 0,
    });
    expect(readOptions(['--help'])).toBe('help');
  });

  it('take times or offsets by partition', () => {
    expect(readOptions(['--from', '2026-11-01T00:00:00Z', '--to', '2:17'])).toMatchObject({
      stretch: { fromMs: Date.UTC(2026, 10, 1), fromOffsets: new Map(), toOffsets: new Map([[2, 17]]) },
    });
    expect(readOptions(['--from', '0:1200,3:500'])).toMatchObject({
      stretch: {
        fromMs: Number.NEGATIVE_INFINITY,
        fromOffsets: new Map([
          [0, 1_200],
          [3, 500],
        ]),
      },
    });
    expect(problems('--from', 'yesterday')).toContain('--from takes a time');
    expect(problems('--from', '2026-11-02T00:00:00Z', '--to', '2026-11-01T00:00:00Z')).toContain('before --to');
  });

  it('write only with --apply and a count, and never in a dry run', () => {
    expect(readOptions(['--apply'])).toMatchObject({ apply: true, confirm: undefined });
    expect(readOptions(['--apply', '--confirm', '12', '--at-least', '0.9'])).toMatchObject({ confirm: 12, atLeast: 0.9 });
    expect(readOptions(['--apply', '--confirm', '12', '--dry-run'])).toMatchObject({ confirm: undefined });
    expect(problems('--confirm', '12')).toContain('goes with --apply');
    expect(problems('--apply', '--confirm', 'all')).toContain('--confirm takes a count');
    expect(problems('--apply', '--at-least', '1.5')).toContain('a probability');
    expect(problems('--apply', '--to', '0:12')).toContain('what stands now');
  });

  it('ask of a warehouse only what it can give', () => {
    expect(problems('--warehouse')).toContain('which model was in force when');
    expect(problems('--warehouse', '--model', '1', '--from', '0:1')).toContain('offsets');
    expect(problems('--warehouse', '--model', '1', '--apply')).toContain('--apply needs the log');
    expect(problems('--settings', 'a.yaml')).toContain('--warehouse');
    expect(readOptions(['--warehouse', '--model', '0', '--settings', 'a.yaml', '--settings', 'b.yaml'])).toMatchObject({
      warehouse: true,
      model: 0,
      settings: ['a.yaml', 'b.yaml'],
    });
  });

  it('say everything that is wrong at once, and what is unknown', () => {
    expect(problems('--model', 'best', '--from', 'x', '--confirm', 'y').split('\n')).toHaveLength(3);
    expect(problems('--modle', '3')).toContain('--modle');
  });

  it('are all in the help', () => {
    for (const name of [
      'data',
      'warehouse',
      'settings',
      'model',
      'from',
      'to',
      'workspace',
      'account',
      'json',
      'changed',
      'apply',
      'confirm',
      'at-least',
      'dry-run',
    ]) {
      expect(HELP).toContain(`--${name}`);
    }
  });
});
