import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REDACTED_FIELDS } from '../src/logger.ts';
import { sealSecret } from '../src/secret.ts';
import { memoryLog } from './memory-log.ts';

describe('the logger', () => {
  it('writes one JSON line per event with ISO time, level as a word and the service', () => {
    const { log, text, lines } = memoryLog();
    log.info({ partition: 3 }, 'partition assigned');
    log.warn('two\nlines');
    expect(text().split('\n')).toHaveLength(3);
    const [first, second] = lines();
    expect(first).toMatchObject({ level: 'info', service: 'test', partition: 3, msg: 'partition assigned' });
    expect(first?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(second).toMatchObject({ level: 'warn', msg: 'two\nlines' });
  });

  it('keeps back what is below its level', () => {
    const { log, lines } = memoryLog('warn');
    log.info('quiet');
    log.error('loud');
    expect(lines().map((line) => line['msg'])).toEqual(['loud']);
  });

  it.each(REDACTED_FIELDS)('masks the field %s at every depth it searches', (field) => {
    const { log, text } = memoryLog();
    log.info({ [field]: 'leak-0', a: { [field]: 'leak-1', b: { [field]: 'leak-2', c: { [field]: 'leak-3' } } } }, 'event');
    expect(text()).not.toContain('leak-');
    expect(text().match(/\[secret\]/g)).toHaveLength(4);
  });

  it('masks sealed secrets under any name, also in lists, errors and child bindings', () => {
    const { log, text } = memoryLog();
    const sealed = sealSecret('hunter2');
    log.child({ binding: sealed }).info({ anything: sealed, list: [sealed], deep: { er: { still: { more: { sealed } } } } }, 'event');
    log.error({ err: Object.assign(new Error(`refused ${sealed}`), { sealed }) }, 'event');
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('refused [secret]');
  });

  it('writes errors with type, message, stack, code and causes, and nothing clients hang on them', () => {
    const { log, lines, text } = memoryLog();
    const cause = Object.assign(new TypeError('socket closed'), { code: 'ECONNRESET' });
    const error = Object.assign(new Error('write failed', { cause }), {
      command: { name: 'set', args: ['contact/+14155550100'] },
      config: { headers: { authorization: 'Bearer hunter2' } },
    });
    log.error({ err: error }, 'store failed');
    expect(lines()[0]?.['err']).toMatchObject({ type: 'Error', message: 'write failed', cause: { type: 'TypeError', code: 'ECONNRESET' } });
    expect(lines()[0]?.['err']).toHaveProperty('stack');
    expect(text()).not.toContain('+14155550100');
    expect(text()).not.toContain('hunter2');
  });

  it('survives circular causes and thrown values that are no errors', () => {
    const { log, lines } = memoryLog();
    const error = new Error('loop');
    error.cause = error;
    log.error({ err: error }, 'event');
    log.error({ err: { text: 'a private text' } }, 'event');
    log.error({ err: new AggregateError([new Error('one'), new Error('two')], 'both') }, 'event');
    expect(lines()).toHaveLength(3);
    expect(lines()[1]?.['err']).toEqual({ type: 'object', message: 'a value that is no Error was thrown' });
    expect(lines()[2]?.['err']).toMatchObject({ errors: [{ message: 'one' }, { message: 'two' }] });
  });

  it('writes of a request its method and path only', () => {
    const { log, lines, text } = memoryLog();
    log.info(
      { req: { method: 'GET', url: '/hooks/whatsapp/a/b?hub.verify_token=hunter2', headers: { cookie: 'c' }, ip: '203.0.113.9' } },
      'event',
    );
    expect(lines()[0]?.['req']).toEqual({ method: 'GET', path: '/hooks/whatsapp/a/b' });
    expect(text()).not.toContain('hunter2');
  });
});

describe('a log that cannot be written', () => {
  it('ends nobody, and is written when there is room again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'messtrack-log-'));
    const [file, survived] = [join(folder, 'log'), join(folder, 'survived')];
    const full = openSync('/dev/full', 'w');
    const ended = spawnSync(process.execPath, [join(import.meta.dirname, 'logger-child.ts'), file, survived], {
      stdio: ['ignore', full, 'pipe'],
      timeout: 15_000,
    });
    closeSync(full);
    expect(ended.stderr.toString()).toBe('');
    expect(ended.status).toBe(0);
    const written = readFileSync(file, 'utf8').trim().split('\n');
    expect(written.map((line) => JSON.parse(line).msg)).toEqual(['without room', 'without room, and before the end', 'with room']);
    // After more than a megabyte that nobody took.
    expect(existsSync(survived)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
