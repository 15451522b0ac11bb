import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addressEncoder, DamagedRecordError, recordBytes, recordEncoder } from '../src/bus-lmdb-codec.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
// Strings as Node decodes UTF-8: no lone surrogates.
const text = fc.string({ unit: 'grapheme', maxLength: 60 });

it('gives back what it was given, whatever is in the buffer behind it', () => {
  const encoder = recordEncoder();
  const empty = new Uint8Array();
  const record = fc.record({ key: bytes, value: bytes, headers: fc.dictionary(text, text, { maxKeys: 6 }), timestampMs: fc.nat() });
  fc.assert(
    fc.property(record, bytes, (original, rest) => {
      const encoded = encoder.encode(original);
      const decoded = encoder.decode(Buffer.concat([encoded, rest]), encoded.length);
      expect(Uint8Array.from(decoded.key ?? [])).toEqual(original.key);
      expect(Uint8Array.from(decoded.value)).toEqual(original.value);
      expect(Object.entries(decoded.headers)).toEqual(Object.entries(original.headers));
      expect(decoded.timestampMs).toBe(original.timestampMs);
    }),
    { examples: [[{ key: empty, value: empty, headers: { ['__proto__']: 'a name like any other' }, timestampMs: 0 }, empty]] },
  );
});

it('notices any bit that is not what was written', () => {
  const encoder = recordEncoder();
  const record = fc.record({ key: bytes, value: bytes, headers: fc.dictionary(text, text, { maxKeys: 6 }), timestampMs: fc.nat() });
  fc.assert(
    fc.property(record, fc.nat(), fc.nat({ max: 7 }), (original, at, bit) => {
      const encoded = Buffer.from(encoder.encode(original));
      encoded[at % encoded.length]! ^= 1 << bit;
      // The bit that says that there is a checksum is the one that cannot be told by it.
      fc.pre(at % encoded.length !== 7 || bit !== 7);
      expect(() => encoder.decode(encoded, encoded.length)).toThrow(DamagedRecordError);
    }),
  );
});

it('reads records from before there were checksums', () => {
  const old = Buffer.from([...Buffer.alloc(8), 2, 0x6b, 0, 0, 0x76]);
  old.writeDoubleLE(1_790_000_000_000, 0);
  expect(recordEncoder().decode(old, old.length)).toEqual({
    timestampMs: 1_790_000_000_000,
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: {},
  });
});

it('grows its buffer for a record larger than all before', () => {
  const encoder = recordEncoder();
  const value = Buffer.alloc(3_000_000, 7);
  const encoded = encoder.encode({ key: Buffer.alloc(0), value, headers: {}, timestampMs: 1 });
  const decoded = encoder.decode(Buffer.from(encoded), encoded.length);
  expect(value.equals(decoded.value)).toBe(true);
});

it('sorts addresses by topic, partition and offset', () => {
  const place = fc.tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 65_535 }), fc.maxSafeNat());
  const encode = ([topicId, partition, offset]: readonly [number, number, number]) => {
    const target = Buffer.alloc(12);
    expect(addressEncoder.writeKey({ topicId, partition, offset }, target, 0)).toBe(12);
    expect(addressEncoder.readKey(target, 0)).toBe(offset);
    return target;
  };
  fc.assert(
    fc.property(place, place, (one, other) => {
      const order = one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
      expect(Math.sign(Buffer.compare(encode(one), encode(other)))).toBe(Math.sign(order));
    }),
  );
});

it('counts key, value and headers in bytes', () => {
  expect(recordBytes(Buffer.from('key'), Buffer.alloc(10), { é: 'ab' })).toBe(3 + 10 + 2 + 2);
});
