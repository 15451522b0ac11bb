import { describe, expect, it } from 'vitest';
import { bundledGeoFiles, openGeo } from '../src/adapters/geo-mmdb.ts';

describe('places by IP', () => {
  it('come from the bundled tables, for both address families', async () => {
    const geo = await openGeo(bundledGeoFiles());
    expect(await geo.lookup('8.8.8.8')).toMatchObject({ country: 'US', region: 'California' });
    expect(await geo.lookup('2a00:1450:4001:81b::200e')).toMatchObject({ country: 'DE' });
    for (const nowhere of ['10.0.0.1', '127.0.0.1', '::1', 'fe80::1%eth0', 'not an address', '', '999.1.1.1']) {
      expect(await geo.lookup(nowhere)).toEqual({ country: '', region: '', city: '' });
    }
  });

  it('answer at once, except for the first address of IPv6', async () => {
    const geo = await openGeo(bundledGeoFiles());
    expect(geo.lookup('8.8.8.8')).not.toBeInstanceOf(Promise);
    const first = geo.lookup('2001:4860:4860::8888');
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(geo.lookup('2001:4860:4860::8888')).not.toBeInstanceOf(Promise);
  });
});
