import { describe, expect, it } from 'vitest';
import { BusUnavailableError } from '../src/bus.ts';
import { createHealth } from '../src/health.ts';
import { createStartWait, type StartWaitOptions } from '../src/start-wait.ts';
import { memoryLog } from './memory-log.ts';

function startWait(options: Partial<StartWaitOptions> = {}) {
  const { log, lines } = memoryLog();
  const health = createHealth();
  const stop = new AbortController();
  const whenUp = createStartWait({ log, health, stopping: stop.signal, baseDelayMs: 1, ...options });
  return { whenUp, lines, stop, detail: async () => (await health.ready()).findings[0]?.detail };
}

const network = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.1:9092`), { code });
/** As the bus wraps what kafkajs wraps. */
const away = (code?: string) =>
  new BusUnavailableError('ping: Kafka does not answer', {
    cause: Object.assign(new Error('no retries left'), { cause: code === undefined ? new Error('timed out') : network(code) }),
  });

describe('a start', () => {
  it('waits for what is not up yet, says for what once and to readiness, and goes on', async () => {
    const { whenUp, lines, detail } = startWait();
    const errors = [away('ECONNREFUSED'), network('EAI_AGAIN'), network('ENOTFOUND'), away(), away('ECONNREFUSED'), network('ETIMEDOUT')];
    const details: (string | undefined)[] = [];
    let attempts = 0;
    const made = await whenUp('Kafka', async () => {
      details.push(await detail());
      const error = errors[attempts++];
      if (error !== undefined) throw error;
      return 'a bus';
    });
    expect(made).toBe('a bus');
    expect(details).toEqual([
      'starting',
      ...['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND', 'BusUnavailableError', 'ECONNREFUSED', 'ETIMEDOUT'].map(
        (reason) => `starting, waits for Kafka: ${reason}`,
      ),
    ]);
    expect(await detail()).toBe('starting');
    expect(lines()).toMatchObject([
      { level: 'warn', msg: 'the start waits for Kafka' },
      { level: 'warn', msg: 'Kafka answers: the start goes on' },
    ]);
  });

  it('says nothing where nothing is waited for', async () => {
    const { whenUp, lines } = startWait();
    expect(await whenUp('Kafka', async () => 1)).toBe(1);
    expect(lines()).toEqual([]);
  });

  it.each([
    ['a login that is refused', Object.assign(new Error('SASL PLAIN authentication failed'), { name: 'KafkaJSSASLAuthenticationError' })],
    ['a certificate that nobody vouches for', away('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['an error of the server', Object.assign(new Error('Authentication failed'), { code: '516' })],
    ['a surprise', new TypeError('x is undefined')],
  ])('ends with %s at once', async (_, error) => {
    const { whenUp, lines } = startWait();
    await expect(whenUp('Kafka', () => Promise.reject(error))).rejects.toBe(error);
    expect(lines()).toEqual([]);
  });

  it('ends with a name that nobody knows once its time is over, and begins to count anew where the name was known meanwhile', async () => {
    const unknown = network('ENOTFOUND');
    const { whenUp } = startWait({ unresolvedMs: 0 });
    await expect(whenUp('Kafka', () => Promise.reject(unknown))).rejects.toBe(unknown);
    const patient = startWait({ unresolvedMs: 3_600_000 });
    let attempts = 0;
    await expect(patient.whenUp('Kafka', () => (++attempts < 5 ? Promise.reject(unknown) : Promise.resolve(attempts)))).resolves.toBe(5);
  });

  it('says that it waits also where an attempt neither succeeds nor fails', async () => {
    const { whenUp, lines, stop, detail } = startWait({ slowMs: 1 });
    const waiting = whenUp('Kafka', () => new Promise<never>(() => undefined));
    await expect.poll(detail).toBe('starting, waits for Kafka: NoAnswerYetError');
    expect(lines()).toMatchObject([{ level: 'warn', msg: 'the start waits for Kafka' }]);
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });

  it('that is stopped ends with the reason of the stop, between two attempts as in one', async () => {
    const { whenUp, stop } = startWait({ baseDelayMs: 3_600_000 });
    const tried = Promise.withResolvers<void>();
    const waiting = whenUp('Kafka', async () => {
      tried.resolve();
      throw away();
    });
    await tried.promise;
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});
