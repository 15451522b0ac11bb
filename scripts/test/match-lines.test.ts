import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIsoTime } from '../match/iso-time.ts';
import { LineFields, parseObject } from '../match/line-fields.ts';
import { readLines } from '../match/lines.ts';

const encoder = new TextEncoder();

function linesOf(text: string | Uint8Array, maxLineBytes?: number) {
  return [...readLines([typeof text === 'string' ? encoder.encode(text) : text], maxLineBytes)];
}

describe('the lines of a history file', () => {
  it('end in LF or CRLF, the last one in nothing; a byte order mark and empty lines are passed over and counted', () => {
    expect(linesOf('\ufeff{"a":1}\r\n\r\n  \n{"b":2}')).toEqual([
      { kind: 'text', number: 1, text: '{"a":1}' },
      { kind: 'text', number: 4, text: '{"b":2}' },
    ]);
  });

  it('are none in an empty file, in one of empty lines and in one that is a byte order mark', () => {
    for (const text of ['', '\n\n\r\n', '\ufeff', '\ufeff\n']) expect(linesOf(text)).toEqual([]);
  });

  it('that are not UTF-8 are named and cost no other line', () => {
    const bytes = Buffer.concat([Buffer.from('one\n'), Buffer.from([0xff, 0x61, 0x0a]), Buffer.from('three\n')]);
    expect(linesOf(bytes)).toEqual([
      { kind: 'text', number: 1, text: 'one' },
      { kind: 'unreadable', number: 2, problem: 'is not UTF-8' },
      { kind: 'text', number: 3, text: 'three' },
    ]);
  });

  it('of a file in UTF-16 say so', () => {
    const [first] = linesOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"id":1}', 'utf16le')]));
    expect(first).toEqual({
      kind: 'unreadable',
      number: 1,
      problem: 'is not UTF-8 but looks like UTF-16; save the file as UTF-8',
    });
  });

  it('of 64 KB are read, of more than the limit are named, also as the last one without its end', () => {
    const long = 'x'.repeat(65_536);
    expect(linesOf(`${long}\nshort`)).toEqual([
      { kind: 'text', number: 1, text: long },
      { kind: 'text', number: 2, text: 'short' },
    ]);
    const tooLong = { kind: 'unreadable', problem: 'is longer than 10 bytes' };
    expect(linesOf('0123456789a\nb\n0123456789ab', 10)).toEqual([
      { ...tooLong, number: 1 },
      { kind: 'text', number: 2, text: 'b' },
      { ...tooLong, number: 3 },
    ]);
  });

  it('are the same however the bytes are cut into chunks, even when the chunks share their memory', () => {
    const text = '\ufeff{"имя":"ё"}\r\n\r\nшестнадцать байт\n0123456789012345678901234567890123456789\n🙂';
    const whole = linesOf(text, 36);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        const bytes = encoder.encode(text);
        const shared = new Uint8Array(16);
        function* chunks() {
          for (let at = 0, index = 0; at < bytes.length; index += 1) {
            const piece = bytes.subarray(at, at + sizes[index % sizes.length]!);
            shared.set(piece);
            yield shared.subarray(0, piece.length);
            at += piece.length;
          }
        }
        expect([...readLines(chunks(), 36)]).toEqual(whole);
      }),
    );
  });
});

describe('a time of a line', () => {
  it('is ISO 8601 with or without fraction, offset and seconds; without offset it is UTC', () => {
    const ten = Date.UTC(2026, 2, 1, 10);
    for (const text of [
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T10:00:00Z',
      '2026-03-01T10:00Z',
      '2026-03-01 10:00:00',
      '2026-03-01T13:00:00+03:00',
      '2026-03-01T13:00:00+0300',
      '2026-03-01T08:30:00-01:30',
      '2026-03-01T10:00:00.000999+00:00',
    ]) {
      expect(parseIsoTime(text), text).toBe(ten);
    }
    expect(parseIsoTime('2026-03-01T10:00:00.5Z')).toBe(ten + 500);
    expect(parseIsoTime('2026-02-28T24:00:00Z')).toBe(Date.UTC(2026, 2, 1));
    expect(parseIsoTime('2026-12-31T23:59:60Z')).toBe(Date.UTC(2027, 0, 1));
  });

  it('agrees with the clock of the language for every millisecond that it writes', () => {
    const times = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(fc.property(times, (date) => parseIsoTime(date.toISOString()) === date.getTime()));
  });

  it('is none when a field is out of range, when it is another format, and outside of 2000 to 2100', () => {
    for (const text of [
      '',
      'yesterday',
      '2026-03-01',
      '01.03.2026 10:00',
      '1772359200',
      '2026-02-30T10:00:00.000Z',
      '2025-02-29T10:00:00Z',
      '2026-13-01T10:00:00.000Z',
      '2026-00-01T10:00:00.000Z',
      '2026-03-01T25:00:00.000Z',
      '2026-03-01T24:00:01Z',
      '2026-03-01T10:60:00Z',
      '2026-03-01T10:00:00+99:00',
      '2026-0x-01T10:00:00.000Z',
      '1999-12-31T23:59:59Z',
      '2100-01-01T00:00:00Z',
      '2026-03-01T10:00:00.000Z ',
    ]) {
      expect(parseIsoTime(text), text).toBeUndefined();
    }
  });
});

describe('the fields of a line', () => {
  it('that are absent, null or empty are missing evidence', () => {
    for (const record of [{}, { text: null, place: null, tags: null, kind: null, greeting: null, score: null, flag: null }]) {
      const fields = new LineFields(record);
      expect(fields.text('text')).toBe('');
      expect(fields.place('place')).toBeUndefined();
      expect(fields.textList('tags')).toEqual([]);
      expect(fields.choice('kind', new Set(['a']))).toBe('unknown');
      expect(fields.fraction('score')).toBeUndefined();
      expect(fields.flag('flag')).toBe(false);
      expect(fields.time('time')).toBeUndefined();
      expect(fields.problems).toEqual([]);
    }
  });

  it('tell null from absence where it means something', () => {
    expect(new LineFields({ greeting: null }).greeting('greeting')).toBeNull();
    expect(new LineFields({}).greeting('greeting')).toBeUndefined();
    expect(new LineFields({ greeting: 0 }).greeting('greeting')).toBe(0);
  });

  it('take whole numbers for texts, because exports write ids and phones so', () => {
    const fields = new LineFields({ id: 17, phone: 4_915_123_456_789, half: 0.5 });
    expect([fields.requiredText('id'), fields.text('phone'), fields.text('half')]).toEqual(['17', '4915123456789', '']);
    expect(fields.problems).toEqual(['half must be text']);
  });

  it('collect everything that is wrong, and repeat nothing of what stands in the line', () => {
    const secret = 'Mrs Smith, +1 415 555 0100';
    const fields = new LineFields({
      id: '',
      contact: `${secret}\n`,
      time: secret,
      place: { country: secret, region: 7 },
      list: [secret, 1],
      kind: secret,
      greeting: -1,
      score: 1.5,
      flag: secret,
      source: [secret],
      long: 'x'.repeat(513),
      text: { secret },
    });
    fields.requiredText('id');
    fields.requiredText('account');
    fields.requiredText('contact');
    fields.requiredTime('time');
    fields.requiredTime('received');
    fields.place('place');
    fields.textList('list');
    fields.choice('kind', new Set(['ios', 'android']));
    fields.greeting('greeting');
    fields.fraction('score');
    fields.flag('flag');
    fields.nested('source', () => undefined);
    fields.text('long');
    fields.prose('text');
    expect(fields.problems).toEqual([
      'id is empty',
      'account is missing',
      'contact holds control characters',
      'time must be a time of ISO 8601 between 2000 and 2100, such as 2026-03-01T10:00:00.000Z',
      'received is missing',
      'place.country must be two letters of ISO 3166-1',
      'list must be a list of texts',
      'kind must be one of ios, android',
      'greeting must be a whole number from 0 to 65535',
      'score must be a number from 0 to 1',
      'flag must be true or false',
      'source must be an object',
      'long is longer than 512 characters',
      'text must be text',
    ]);
    expect(fields.problems.join()).not.toContain('Smith');
  });

  it('are none when the line is no JSON object', () => {
    expect(parseObject('{"a":')).toBe('is no JSON');
    for (const text of ['[]', '1', 'null', '"text"']) expect(parseObject(text)).toBe('is no JSON object');
    expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  });
});
