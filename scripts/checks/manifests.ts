import { projectFiles, readText } from './files.ts';

export interface Manifest {
  readonly path: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** All package.json files of the workspaces. */
export function manifests(root: string): readonly Manifest[] {
  const isManifest = (path: string): boolean => /^((proto|tests|(packages|services)\/[^/]+)\/)?package\.json$/.test(path);
  return projectFiles(root)
    .filter(isManifest)
    .map((path) => {
      const json = record(JSON.parse(readText(root, path)));
      return { path, dependencies: versions(json['dependencies']), devDependencies: versions(json['devDependencies']) };
    });
}

/** Names of everything from outside that we name ourselves, sorted. */
export function directDependencies(root: string): readonly string[] {
  const names = manifests(root).flatMap(({ dependencies, devDependencies }) => [
    ...Object.keys(dependencies),
    ...Object.keys(devDependencies),
  ]);
  return [...new Set(names)].filter((name) => !name.startsWith('@messtrack/')).sort();
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function versions(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
