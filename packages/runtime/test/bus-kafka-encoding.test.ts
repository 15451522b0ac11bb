import produce, { type ProduceArguments } from 'kafkajs/src/protocol/requests/produce/index.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeProduce, installProduceEncoding } from '../src/bus-kafka-encoding.ts';

const kafkajs = produce.protocol;

afterEach(() => {
  produce.protocol = kafkajs;
  vi.useRealTimers();
});

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0, 123);

/** The generator decides nothing but the numbers: the same seed, the same requests. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** Lengths around the places where a varint grows by a byte. */
const LENGTHS = [0, 1, 30, 63, 64, 65, 300, 8_191, 8_192, 20_000];
const TEXTS = ['', 'event-id', 'é', 'Grüße aus Köln', '😀', 'wa/106540352242922/wamid.HBgLMTY1MDM4Nzk0MzkVAgA', 'x'.repeat(200)];

function request(seed: number) {
  const next = numbers(seed);
  const message = () => ({
    key: Buffer.alloc(LENGTHS[next(7)]!, next(256)),
    value: Buffer.alloc(LENGTHS[next(LENGTHS.length)]!, next(256)),
    headers: Object.fromEntries(
      Array.from({ length: next(5) }, (_, i) => [`${TEXTS[next(TEXTS.length)]}${i}`, TEXTS[next(TEXTS.length)]!]),
    ),
  });
  return {
    acks: -1,
    timeout: 30_000,
    ...(next(2) === 0 ? {} : { transactionalId: `group-topic-${next(12)}` }),
    producerId: ['0', '4001', '9007199254740993'][next(3)]!,
    producerEpoch: next(32_768),
    topicData: Array.from({ length: 1 + next(3) }, (_, topic) => ({
      topic: `topic-${topic}.ü`,
      partitions: Array.from({ length: 1 + next(3) }, (_unused, partition) => ({
        partition,
        firstSequence: next(2_147_483_647),
        messages: Array.from({ length: 1 + next(80) }, message),
      })),
    })),
  };
}

async function bytes(protocol: typeof kafkajs, version: number, args: ProduceArguments): Promise<Buffer> {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  return (await protocol({ version })(args).request.encode()).buffer;
}

describe('the encoding of a produce request', () => {
  it.each([3, 4, 5, 6, 7])('gives the bytes kafkajs gives, version %i', async (version) => {
    for (let seed = 1; seed <= 40; seed++) {
      const args = request(seed * 100 + version);
      expect(encodeProduce(args, NOW).equals(await bytes(kafkajs, version, args)), `seed ${seed}`).toBe(true);
    }
  });

  it('is what kafkajs sends once installed, and keeps the rest of the request', async () => {
    const args = request(7);
    const [before, expected] = [kafkajs({ version: 7 })(args), await bytes(kafkajs, 7, args)];
    installProduceEncoding();
    installProduceEncoding();
    const after = produce.protocol({ version: 7 })(args);
    expect((await bytes(produce.protocol, 7, args)).equals(expected)).toBe(true);
    expect({ ...after.request, encode: 0, expectResponse: 0 }).toEqual({ ...before.request, encode: 0, expectResponse: 0 });
    expect(after.response).toBe(before.response);
    expect(String(after.request.encode)).not.toBe(String(before.request.encode));
  });

  it.each([
    ['times of its own', { key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, timestamp: '1795551341502' }],
    ['no value', { key: Buffer.from('k'), value: null, headers: {} }],
    ['no key', { value: Buffer.from('v'), headers: {} }],
    ['text for bytes', { key: 'k', value: 'v', headers: {} }],
    ['no headers', { key: Buffer.from('k'), value: Buffer.from('v') }],
    ['a repeated header', { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: ['1', '2'] } }],
  ])('leaves a message with %s to kafkajs', async (_, message) => {
    const args = { ...request(3), topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 1, messages: [message] }] }] };
    const expected = await bytes(kafkajs, 7, args);
    installProduceEncoding();
    expect((await bytes(produce.protocol, 7, args)).equals(expected)).toBe(true);
  });

  it('leaves versions with other layouts to kafkajs', async () => {
    const args = request(5);
    const expected = await bytes(kafkajs, 2, args);
    installProduceEncoding();
    expect((await bytes(produce.protocol, 2, args)).equals(expected)).toBe(true);
  });
});
