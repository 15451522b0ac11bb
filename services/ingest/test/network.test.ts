import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readNetworkLines } from '../src/adapters/network-csv.ts';
import { bundledNetworkFiles, openNetworks } from '../src/adapters/network-table.ts';
import { ipv4Number, ipv6Network } from '../src/domain/ip-number.ts';
import { type NetworkKind, networkOf } from '../src/domain/network-class.ts';
import { networkRangeBuilder } from '../src/domain/network-ranges.ts';

describe('the kind of a system', () => {
  it.each<readonly [number, string, NetworkKind]>([
    [24940, 'Hetzner Online GmbH', 'hosting'],
    [16509, 'Amazon.com, Inc.', 'hosting'],
    [60781, 'LeaseWeb Netherlands B.V.', 'hosting'],
    [1, 'Some Datacenter GmbH', 'hosting'],
    [1, 'WEBHOSTING-LTD', 'hosting'],
    [13335, 'Cloudflare, Inc.', 'vpn'],
    [9009, 'M247 Europe SRL', 'vpn'],
    [53813, 'ZSCALER, INC.', 'vpn'],
    [1, 'Castle VPN', 'vpn'],
    [21928, 'T-Mobile USA, Inc.', 'mobile'],
    [6167, 'Verizon Business', 'mobile'],
    [51207, 'Free Mobile SAS', 'mobile'],
    [12252, 'America Movil Peru S.A.C.', 'mobile'],
    [701, 'Verizon Business', 'unknown'],
    [3320, 'Deutsche Telekom AG', 'unknown'],
    [12912, 'T-Mobile Polska S.A.', 'unknown'],
    [56046, 'China Mobile Communications Corporation', 'unknown'],
    [174, 'Cogent Communications', 'unknown'],
    [7922, 'Comcast Cable Communications, LLC', 'fixed'],
    [17306, 'JAB Wireless, INC.', 'fixed'],
    [1766, 'Exxon Mobil Corporation', 'fixed'],
    [37611, 'AFRIHOST SP (PTY) LTD', 'fixed'],
    [559, 'SWITCH', 'fixed'],
    [0, 'Not announced', 'unknown'],
    [64512, '', 'unknown'],
  ])('%i %s is %s', (asn, organisation, kind) => {
    expect(networkOf(asn, organisation)).toBe(kind);
  });
});

const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

describe('addresses as numbers', () => {
  it('keep the order and value of IPv4', () => {
    fc.assert(
      fc.property(address, ([a, b, c, d]) => {
        expect(ipv4Number(`${a}.${b}.${c}.${d}`)).toBe(((a * 256 + b) * 256 + c) * 256 + d);
      }),
    );
  });

  it('read the network of any IPv6 address, however it is written', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, isUpper) => {
        const full = groups.map((each) => each.toString(16)).join(':');
        // URL writes an address as RFC 5952 wants it: the longest run of zeros as "::".
        const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        const expected = [groups[0]! * 65_536 + groups[1]!, groups[2]! * 65_536 + groups[3]!];
        expect(ipv6Network(isUpper ? full.toUpperCase() : full)).toEqual(expected);
        expect(ipv6Network(short)).toEqual(expected);
        expect(ipv6Network(`${short}%eth0`)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['::ffff:192.0.2.1', [0, 0]],
    ['64:ff9b::192.0.2.1', [0x64ff9b, 0]],
    ['::', [0, 0]],
    ['2001:db8::', [0x20010db8, 0]],
  ])('%s', (ip, network) => {
    expect(isIPv6(ip)).toBe(true);
    expect(ipv6Network(ip)).toEqual(network);
  });
});

describe('ranges', () => {
  const kinds: readonly NetworkKind[] = ['unknown', 'fixed', 'mobile', 'hosting', 'vpn'];
  const range = fc.record({ gap: fc.nat(3), length: fc.nat(4), kind: fc.constantFrom(...kinds) });

  it('answer like a list that is gone through, on both sides of the 32-bit line', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), fc.constantFrom(0, 2 ** 32 - 40, 2 ** 40), (ranges, offset) => {
        const builder = networkRangeBuilder();
        const truth: NetworkKind[] = [];
        for (const { gap, length, kind } of ranges) {
          for (let index = 0; index < gap; index += 1) truth.push('unknown');
          const first = offset + truth.length;
          for (let index = 0; index <= length; index += 1) truth.push(kind);
          const last = offset + truth.length - 1;
          builder.add(high(first), low(first), high(last), low(last), kind);
        }
        const built = builder.build();
        truth.push('unknown', 'unknown');
        for (const [index, kind] of truth.entries()) expect(built.kindOf(high(offset + index), low(offset + index))).toBe(kind);
      }),
    );
  });

  it('are one where neighbours are of one kind, and leave out what is out of order', () => {
    const builder = networkRangeBuilder();
    builder.add(0, 10, 0, 19, 'fixed');
    builder.add(0, 20, 0, 29, 'fixed');
    builder.add(0, 15, 0, 40, 'mobile');
    builder.add(0, 50, 0, 45, 'mobile');
    builder.add(0, 60, 0, 60, 'vpn');
    const built = builder.build();
    expect(built.size).toBe(2);
    expect([9, 10, 29, 30, 47, 60, 61].map((number) => built.kindOf(0, number))).toEqual([
      'unknown',
      'fixed',
      'fixed',
      'unknown',
      'unknown',
      'vpn',
      'unknown',
    ]);
  });

  function high(number: number): number {
    return Math.floor(number / 2 ** 32);
  }

  function low(number: number): number {
    return number % 2 ** 32;
  }
});

async function csv(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-networks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'table.csv');
  await writeFile(file, text);
  return file;
}

async function linesOf(text: string): Promise<readonly string[]> {
  const read: string[] = [];
  const names = new Map<number, string>();
  await readNetworkLines(await csv(text), {
    isNew: (asn) => !names.has(asn),
    name: (asn, organisation) => void names.set(asn, organisation),
    range(first, last, asn) {
      const digits = (words: Uint32Array) => words.reduce((number, word) => (number << 32n) | BigInt(word), 0n).toString();
      read.push(`${digits(first)}-${digits(last)} ${asn} ${names.get(asn)}`);
    },
  });
  return read;
}

describe('the table of systems', () => {
  it('reads names with commas and quotes, a last line without its end, and 128 bits', async () => {
    const top = (2n ** 128n - 1n).toString();
    expect(
      await linesOf(
        `1,2,7,"Acme, Inc."\r\n3,4,8,"The ""Best"""\n5,${top},7,ignored\n42540488161975842760550356425300246528,42540488241204005274814694018844196863,9,Größe`,
      ),
    ).toEqual([
      '1-2 7 Acme, Inc.',
      '3-4 8 The "Best"',
      `5-${top} 7 Acme, Inc.`,
      '42540488161975842760550356425300246528-42540488241204005274814694018844196863 9 Größe',
    ]);
  });

  it('passes over what is no line of it', async () => {
    expect(await linesOf('\nheader\n1,2\nx,2,3,a\n1,,3,a\n-1,2,3,a\n1,2,x,a\n7,8,9,good\n')).toEqual(['7-8 9 good']);
  });

  it('reads every line, wherever the pieces of the file are cut', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `${index * 10},${index * 10 + 9},${index},Network ${index}`);
    const read = await linesOf(`${many.join('\n')}\n`);
    expect(read).toHaveLength(many.length);
    expect(read.at(-1)).toBe('199990-199999 19999 Network 19999');
    expect(new Set(read).size).toBe(many.length);
  });

  it('knows the networks of today, for both families, and none that is private or malformed', async () => {
    const networks = await openNetworks(bundledNetworkFiles());
    expect(networks.kindOf('5.9.0.1')).toBe('hosting');
    expect(networks.kindOf('172.58.0.1')).toBe('mobile');
    expect(networks.kindOf('73.1.1.1')).toBe('fixed');
    expect(networks.kindOf('104.28.1.1')).toBe('vpn');
    expect(networks.kindOf('::ffff:zz')).toBe('unknown');
    const first = networks.kindOf('2a01:4f8::1');
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe('hosting');
    expect(networks.kindOf('2607:fb90::1')).toBe('mobile');
    for (const nobodys of ['10.0.0.1', '127.0.0.1', '0.0.0.0', '255.255.255.255', '::1', 'fe80::1%eth0', '', 'nonsense']) {
      expect(await networks.kindOf(nobodys)).toBe('unknown');
    }
  });
});
