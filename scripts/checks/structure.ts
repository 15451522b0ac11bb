import type { Check, Findings } from './check.ts';
import { isOwnSource, lineAt, projectFiles, readText } from './files.ts';

const ROOMS = ['main.ts', 'config.ts', 'service.ts', 'pipeline.ts', 'ports.ts', 'metrics.ts'] as const;
const ROOM_FOLDERS = ['domain/', 'adapters/'] as const;

/** They wire or show what the four services do and have no data path of their own. */
const WITHOUT_PIPELINE = new Set(['standalone', 'console']);

const LONG_FILE_LINES = 300;

export const structure: Check = {
  name: 'structure',
  rule: 'every service has the same rooms, no drawers for leftovers, no test is switched off',
  remedy: 'name the file by what it is about; see "How we work" in CONTRIBUTING.md',
  async run(root): Promise<Findings> {
    const files = projectFiles(root);
    const sources = files.filter(isOwnSource);
    return {
      problems: [...missingRooms(files), ...files.flatMap(badName), ...sources.flatMap((path) => badContent(path, readText(root, path)))],
      notes: longFiles(root, sources),
    };
  },
};

function missingRooms(files: readonly string[]): readonly string[] {
  const services = new Set(files.flatMap((path) => /^services\/([^/]+)\/src\//.exec(path)?.[1] ?? []));
  return [...services]
    .filter((service) => !WITHOUT_PIPELINE.has(service))
    .flatMap((service) => {
      const base = `services/${service}/src/`;
      const absent = [
        ...ROOMS.filter((room) => !files.includes(base + room)),
        ...ROOM_FOLDERS.filter((folder) => !files.some((path) => path.startsWith(base + folder))),
      ];
      return absent.map((room) => `${base}${room} is missing`);
    });
}

export function badName(path: string): readonly string[] {
  if (!/\.(ts|js)$/.test(path) || path.includes('/src/gen/')) return [];
  const [file = '', ...folders] = path.split('/').reverse();
  const problems: string[] = [];
  const drawer = [...folders, file.replace(/\..*$/, '')].find((part) => /^(utils?|commons?|helpers?|misc|shared|lib)$/.test(part));
  if (drawer !== undefined) problems.push(`${path}: "${drawer}" says nothing of what is inside`);
  if (/^index\.(ts|js)$/.test(file)) problems.push(`${path}: no barrels; import the file that has what you need`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|js)$/.test(file)) problems.push(`${path}: files are named in kebab-case`);
  return problems;
}

// Written in pieces, so that this file does not find itself.
const OPEN_NOTES = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')})\\b`);
const SWITCHED_OFF = /\b(?:it|test|describe|suite|bench)\.(?:only|skip|todo|fails|skipIf|runIf)\b|\bretry:\s*[1-9]/;
/** Whoever sends slowly keeps a connection for ever: Fastify has no deadline of its own. */
const WITHOUT_LIMITS = /\bfastify\((?![^)]*(?:HTTP_LIMITS|HttpOptions))/;
const NOT_ERASABLE = /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w|^\s*(?:export\s+)?namespace\s+\w/m;

export function badContent(path: string, text: string): readonly string[] {
  const isTest = /\.test\.ts$/.test(path) || path.includes('/test/') || path.startsWith('tests/');
  const rules: readonly (readonly [RegExp, string])[] = [
    [OPEN_NOTES, 'an open note: do it, or file it as an issue'],
    [NOT_ERASABLE, 'enum and namespace cannot be stripped: Node runs this file as it is'],
    ...(/^services\/[^/]+\/src\//.test(path)
      ? ([[WITHOUT_LIMITS, 'a server without limits of time: give fastify HTTP_LIMITS of runtime/http-limits.ts']] as const)
      : []),
    ...(isTest ? ([[SWITCHED_OFF, 'a test that is switched off or retried proves nothing']] as const) : []),
  ];
  return rules.flatMap(([pattern, problem]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`${path}:${lineAt(text, found.index)}: ${problem}`];
  });
}

function longFiles(root: string, sources: readonly string[]): readonly string[] {
  return sources.flatMap((path) => {
    const lines = readText(root, path).split('\n').length;
    return lines > LONG_FILE_LINES ? [`${path} has ${lines} lines; above ${LONG_FILE_LINES} a file usually has two reasons to change`] : [];
  });
}
