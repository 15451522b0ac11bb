import type pino from 'pino';
import { createLogger } from '../src/logger.ts';

/** A logger that keeps its lines. */
export function memoryLog(level = 'trace'): {
  readonly log: pino.Logger;
  readonly text: () => string;
  readonly lines: () => Record<string, unknown>[];
} {
  const chunks: string[] = [];
  const log = createLogger('test', level, { write: (chunk: string) => void chunks.push(chunk) });
  return {
    log,
    text: () => chunks.join(''),
    lines: () =>
      chunks
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
