import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processHandle } from '../src/process-handle.ts';

function fakeGlobal() {
  const exits: number[] = [];
  const emitter = new EventEmitter();
  const proc = {
    on: (event: string, listener: (error: unknown) => void) => emitter.on(event, listener),
    exit: (code: number) => void exits.push(code),
  };
  return { emitter, proc, exits };
}

describe('processHandle', () => {
  it('hands over the stop signals by name', () => {
    const { emitter, proc } = fakeGlobal();
    const signals: string[] = [];
    processHandle(proc).onStopSignal((signal) => signals.push(signal));
    emitter.emit('SIGTERM');
    emitter.emit('SIGINT');
    emitter.emit('SIGHUP');
    expect(signals).toEqual(['SIGTERM', 'SIGINT', 'SIGHUP']);
  });

  it('hands over uncaught errors and unhandled rejections alike', () => {
    const { emitter, proc } = fakeGlobal();
    const errors: unknown[] = [];
    processHandle(proc).onUncaught((error) => errors.push(error));
    const [first, second] = [new Error('thrown'), new Error('rejected')];
    emitter.emit('uncaughtException', first);
    emitter.emit('unhandledRejection', second);
    expect(errors).toEqual([first, second]);
  });

  it('exits with the code', () => {
    const { proc, exits } = fakeGlobal();
    processHandle(proc).exit(1);
    expect(exits).toEqual([1]);
  });
});
