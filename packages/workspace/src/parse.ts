import type { z } from 'zod';
import { buildWorkspace } from './build.ts';
import { crossReferenceFindings } from './cross-references.ts';
import { readYaml } from './document.ts';
import type { Finding } from './finding.ts';
import { greetingAdvice } from './greeting-advice.ts';
import { PERSONAL_LISTS } from './internal-schema.ts';
import { nearestKey } from './nearest-key.ts';
import type { Problem } from './problem.ts';
import type { ReferenceSources } from './references.ts';
import { isReference, resolveReferences } from './references.ts';
import { knownKeys, SECRET_KEYS, SECRET_LIST, workspaceSchema } from './schema.ts';
import type { Workspace } from './workspace.ts';

export interface ParseOptions extends ReferenceSources {
  /** Name of the file in messages. */
  readonly file: string;
}

export type ParseResult =
  /** Neither is a problem: `warnings` name secrets that took the default written in the file, `advice` what works less well than it could. */
  | { readonly workspace: Workspace; readonly warnings: readonly Problem[]; readonly advice: readonly Problem[] }
  | { readonly problems: readonly Problem[] };

/** Reads one workspace file: everything that is wrong with it at once, or the workspace. Never throws for what stands in the text. */
export function parseWorkspace(yamlText: string, options: ParseOptions): ParseResult {
  const yaml = readYaml(yamlText);
  if (yaml.kind === 'problems') return { problems: yaml.problems.map((problem) => ({ file: options.file, path: '', ...problem })) };

  const { document } = yaml;
  if (document.value === null || document.value === undefined) {
    return { problems: [{ file: options.file, path: '', line: 1, message: 'is empty; begin with "workspace: NAME"' }] };
  }
  const located = ({ path, message }: Finding): Problem => ({
    file: options.file,
    path: path.map(String).join('.'),
    line: document.lineOf(path),
    message,
  });

  const resolved = resolveTree(document.value, options);
  const checked = workspaceSchema.safeParse(resolved.value);
  const referenceProblems = new Set(resolved.problems.map(({ path }) => path.join('.')));
  const shapeFindings = checked.success
    ? []
    : // A reference that could not be resolved left an empty string: its own message says more than "must be …".
      checked.error.issues
        .flatMap((issue) => describeIssue(issue, resolved.value))
        .filter(({ path }) => !referenceProblems.has(path.join('.')));
  const findings = [...resolved.problems, ...shapeFindings, ...crossReferenceFindings(resolved.value)];

  if (!checked.success || findings.length > 0) return { problems: findings.map(located).sort((a, b) => a.line - b.line) };
  const workspace = buildWorkspace(checked.data);
  return {
    workspace,
    warnings: resolved.warnings.map(located),
    advice: greetingAdvice(checked.data, workspace).map(located),
  };
}

interface ResolvedTree {
  readonly value: unknown;
  readonly problems: Finding[];
  readonly warnings: Finding[];
}

function resolveTree(root: unknown, sources: ReferenceSources): ResolvedTree {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];

  function walk(value: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return resolveText(value, path);
    if (Array.isArray(value)) return value.map((item: unknown, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) {
      const literal = literalProblem(path);
      if (value !== null && literal !== undefined) problems.push({ path, message: literal });
      return value;
    }
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__') problems.push({ path: [...path, key], message: 'is no key that may be used; choose another' });
      else copy[key] = walk(member, [...path, key]);
    }
    return copy;
  }

  function resolveText(text: string, path: readonly PropertyKey[]): string {
    const literal = literalProblem(path);
    if (literal !== undefined && !isReference(text)) {
      problems.push({ path, message: literal });
      return text;
    }
    const resolved = resolveReferences(text, sources);
    for (const message of resolved.problems) problems.push({ path, message });
    if (literal !== undefined) {
      for (const name of resolved.defaulted) {
        warnings.push({
          path,
          message: `takes the default written in the file, which is for demonstrations only; set the environment variable ${name}`,
        });
      }
    }
    return resolved.value;
  }

  return { value: walk(root, []), problems, warnings };
}

const LITERAL_SECRET = `is a secret written out; put it into the environment and write \${NAME}, or into a file and write \${file:/run/secrets/name}. Anyone who has read this file knows it: replace it`;

const LITERAL_PERSON = `is personal data written out; put it into the environment and write \${NAME}, or into a file and write \${file:/run/secrets/name}. People can also be listed by pseudonym under contacts`;

/** What is wrong with a value that stands at this path as itself; undefined where that is allowed. */
function literalProblem(path: readonly PropertyKey[]): string | undefined {
  if (isSecretPath(path)) return LITERAL_SECRET;
  const [section, list] = path;
  const isPersonal = path.length === 3 && section === 'internal' && typeof list === 'string' && PERSONAL_LISTS.has(list);
  return isPersonal ? LITERAL_PERSON : undefined;
}

function isSecretPath(path: readonly PropertyKey[]): boolean {
  const [section, , key] = path;
  // Beside the value itself, each of a list of them.
  const isValue = path.length === 3 || (path.length === 4 && typeof path[3] === 'number');
  return (
    (path.length === 2 && section === SECRET_LIST) ||
    (isValue && typeof key === 'string' && SECRET_KEYS.has(key) && section !== 'placements')
  );
}

function describeIssue(issue: z.core.$ZodIssue, root: unknown): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path, valueAt(root, [...issue.path, 'provider']));
    return issue.keys.map((key) => {
      const meant = nearestKey(key, known);
      const hint = meant === undefined ? '.' : `; did you mean ${meant}?`;
      return { path: [...issue.path, key], message: `is no key known here${hint} Known keys: ${known.join(', ')}` };
    });
  }
  return [{ path: issue.path, message: issue.message }];
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
