import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type CityResponse, open } from 'maxmind';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundledGeoFiles, openGeo } from '../src/adapters/geo-mmdb.ts';
import { openMmdbFile } from '../src/adapters/mmdb-file.ts';
import { addressBytes } from '../src/domain/ip-number.ts';

describe('places by IP', () => {
  it('come from the bundled tables, for both address families', () => {
    const geo = openGeo(bundledGeoFiles());
    expect(geo.lookup('8.8.8.8')).toMatchObject({ country: 'US', region: 'California' });
    expect(geo.lookup('2a00:1450:4001:81b::200e')).toMatchObject({ country: 'DE' });
    for (const nowhere of ['10.0.0.1', '127.0.0.1', '::1', 'fe80::1%eth0', 'not an address', '', '999.1.1.1']) {
      expect(geo.lookup(nowhere)).toEqual({ country: '', region: '', city: '' });
    }
  });
});

describe('a table in MaxMind\u2019s DB format', () => {
  const FIELDS = ['country_code', 'state1', 'city', 'latitude', 'timezone'];
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 });
  // Most of what is assigned begins with these.
  const ipv6 = fc
    .tuple(fc.constantFrom(0x2001, 0x2400, 0x2600, 0x2804, 0x2a00, 0x2a02, 0x2c0f), groups)
    .map(([first, rest]) => [first, ...rest].map((group) => group.toString(16)).join(':'));

  it.each([
    ['ipv4', fc.ipV4()],
    ['ipv6', ipv6],
  ] as const)('says of every address what another reader says: %s', async (family, address) => {
    const file = bundledGeoFiles()[family];
    const other = await open<CityResponse>(file);
    const own = openMmdbFile(file, FIELDS);
    onTestFinished(() => own.close());
    fc.assert(
      fc.property(address, (ip) => {
        const row = other.get(ip) as Readonly<Record<string, unknown>> | null;
        const expected = row === null ? null : Object.fromEntries(FIELDS.map((name) => [name, row[name]]));
        expect(own.get(addressBytes(ip))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['of something else', Buffer.from('no table')],
    ['of nothing', Buffer.alloc(0)],
    ['that ends behind its mark', Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')],
    ['that does not tell its size', Buffer.from('\xab\xcd\xefMaxMind.com\xe0', 'latin1')],
  ])('is refused when it is a file %s', (_, bytes) => {
    const folder = mkdtempSync(join(tmpdir(), 'messtrack-mmdb-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'table.mmdb');
    writeFileSync(path, bytes);
    expect(() => openMmdbFile(path, FIELDS)).toThrow();
  });
});
