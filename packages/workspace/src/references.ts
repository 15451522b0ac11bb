/**
 * References: `${NAME}`, `${NAME:-default}` and `${file:/absolute/path}` inside strings of a workspace file.
 *
 * YAML reads `{`, `}`, `,` and friends as structure inside `[ … ]` and `{ … }`, so an unquoted `[ ${TOKEN} ]` would not parse.
 * References are therefore masked before the parser sees the text: each character moves to a private-use code point, one for one,
 * so that every position reported by the parser still is the position in the file.
 */
const MASK_BASE = 0xe000;
const MASKED_ASCII = 0x80;

const REFERENCE = /\$\{([^{}\n]*)\}/g;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a whole text file; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

export interface Resolved {
  readonly value: string;
  /** Environment variables that were not set and whose written default was taken. */
  readonly defaulted: readonly string[];
  /** What could not be resolved, in words. */
  readonly problems: readonly string[];
}

export function maskReferences(text: string): string {
  return text.replaceAll(REFERENCE, (reference) => {
    let masked = '';
    for (const unit of reference) masked += unit.charCodeAt(0) < MASKED_ASCII ? String.fromCharCode(MASK_BASE + unit.charCodeAt(0)) : unit;
    return masked;
  });
}

export function unmaskReferences(text: string): string {
  return text.replaceAll(/[\ue000-\ue07f]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) - MASK_BASE));
}

/** True when the text is one reference and nothing else. */
export function isReference(text: string): boolean {
  return /^\$\{[^{}\n]+\}$/.test(text);
}

export function resolveReferences(text: string, sources: ReferenceSources): Resolved {
  const defaulted: string[] = [];
  const problems: string[] = [];
  const value = text.replaceAll(REFERENCE, (_, body: string) => {
    const found = resolveOne(body, sources);
    if (found.kind === 'problem') {
      problems.push(found.message);
      return '';
    }
    if (found.defaultedName !== undefined) defaulted.push(found.defaultedName);
    return found.value;
  });
  return { value, defaulted, problems };
}

type Found =
  | { readonly kind: 'value'; readonly value: string; readonly defaultedName: string | undefined }
  | { readonly kind: 'problem'; readonly message: string };

function resolveOne(body: string, sources: ReferenceSources): Found {
  if (body.startsWith('file:')) return resolveFile(body.slice('file:'.length), sources);

  const split = body.indexOf(':-');
  const name = split < 0 ? body : body.slice(0, split);
  const fallback = split < 0 ? undefined : body.slice(split + 2);
  if (!ENV_NAME.test(name)) {
    return { kind: 'problem', message: `\${${name}} is no reference; write \${NAME}, \${NAME:-default} or \${file:/absolute/path}` };
  }
  // An empty variable counts as unset, as in a shell's ":-": an empty secret is never meant.
  const value = Object.hasOwn(sources.env, name) ? sources.env[name] : undefined;
  if (value !== undefined && value !== '') return { kind: 'value', value, defaultedName: undefined };
  if (fallback !== undefined) return { kind: 'value', value: fallback, defaultedName: name };
  return {
    kind: 'problem',
    message: `the environment variable ${name} is not set; set it, or write \${file:/path} to read the value from a file`,
  };
}

function resolveFile(path: string, sources: ReferenceSources): Found {
  if (!path.startsWith('/'))
    return { kind: 'problem', message: `\${file:${path}} needs an absolute path, such as \${file:/run/secrets/token}` };
  let content: string;
  try {
    content = sources.readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'problem', message: `the file ${path} cannot be read (${code}); create it and let this process read it` };
  }
  // Files made by editors and `kubectl create secret` end with a newline that is no part of the secret.
  const value = content.replace(/\r?\n$/, '');
  if (value === '') return { kind: 'problem', message: `the file ${path} is empty` };
  return { kind: 'value', value, defaultedName: undefined };
}
