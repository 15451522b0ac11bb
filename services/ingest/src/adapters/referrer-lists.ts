import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ReferrerLists } from '../domain/source-kind.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'data', 'referrers');
/** In a host of the lists: any country. */
const ANYWHERE = '.{}';

const hostsByName = z.record(z.string(), z.array(z.string()));
const enginesByName = z.record(z.string(), z.array(z.object({ urls: z.array(z.string()) })));

/** The lists that ship with ingest; 60 KB, read once at a start. Rejects a file that has another form: better no start than every search a referral. */
export function readReferrerLists(): ReferrerLists {
  const engines = enginesByName.parse(read('SearchEngines.yml'));
  const urls = Object.entries(engines).flatMap(([name, parts]) =>
    parts.flatMap(({ urls }) => urls.map((url) => [hostOf(url), name] as const)),
  );
  return {
    assistants: byHost(hostsByName.parse(read('AIAssistants.yml'))),
    socials: byHost(hostsByName.parse(read('Socials.yml'))),
    searches: first(urls.filter(([host]) => !host.endsWith(ANYWHERE))),
    searchesAnywhere: first(
      urls.flatMap(([host, name]) => (host.endsWith(ANYWHERE) ? [[host.slice(0, -ANYWHERE.length), name] as const] : [])),
    ),
  };
}

function read(file: string): unknown {
  return parse(readFileSync(join(FOLDER, file), 'utf8'));
}

function byHost(names: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  // A path tells two services of one host apart ("x.com/i/grok"); ingest keeps hosts only, and the host belongs to the other one.
  return first(
    Object.entries(names).flatMap(([name, hosts]) => hosts.flatMap((host) => (host.includes('/') ? [] : [[hostOf(host), name] as const]))),
  );
}

/** The lists name the larger service first where two share a host. */
function first(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [host, name] of pairs) if (!found.has(host)) found.set(host, name);
  return found;
}

function hostOf(url: string): string {
  return url
    .split('/')[0]!
    .toLowerCase()
    .replace(/^www\./, '');
}
