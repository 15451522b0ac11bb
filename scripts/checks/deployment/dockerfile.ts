/** What a Dockerfile of ours says about the image of its last stage. */
export interface ImageFile {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly hasHealthcheck: boolean;
  /** Stages by name, and what the file takes from which. */
  readonly problems: readonly string[];
}

/** Reads the instructions we use; the engine itself reads the rest. */
export function readDockerfile(path: string, text: string): ImageFile {
  const problems: string[] = [];
  const stages = new Set<string>();
  let image = emptyImage();
  for (const { line, words } of instructions(text)) {
    const rest = words.slice(words.indexOf(' ') + 1).trim();
    switch (words.slice(0, words.indexOf(' ')).toUpperCase()) {
      case 'FROM': {
        const [, base = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
        if (!stages.has(base) && !/:[^:/]*\d/.test(base))
          problems.push(`${path}:${line}: the base image ${base} names no version, so that two builds are two images`);
        if (name !== undefined) stages.add(name);
        image = emptyImage();
        break;
      }
      case 'COPY': {
        const stage = /--from=(\S+)/.exec(rest)?.[1];
        if (stage !== undefined && !stages.has(stage)) problems.push(`${path}:${line}: there is no stage ${stage} above it`);
        break;
      }
      case 'WORKDIR':
        image.workdir = rest;
        break;
      case 'VOLUME':
        image.volumes.push(...rest.split(/\s+/));
        break;
      case 'HEALTHCHECK':
        image.hasHealthcheck = true;
        break;
      case 'ENTRYPOINT':
        image.entrypoint = list(rest);
        break;
      case 'CMD':
        image.command = list(rest);
        break;
      case 'ENV':
        for (const [, name = '', quoted, bare] of rest.matchAll(/([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|(\S+))/g))
          image.environment[name] = quoted ?? bare ?? '';
        break;
    }
  }
  return { ...image, problems };
}

function emptyImage() {
  return {
    environment: {} as Record<string, string>,
    volumes: [] as string[],
    workdir: '/',
    entrypoint: [] as readonly string[],
    command: [] as readonly string[],
    hasHealthcheck: false,
  };
}

/** Instructions with their lines put together and comments between them dropped. */
function instructions(text: string): readonly { readonly line: number; readonly words: string }[] {
  const found: { line: number; words: string }[] = [];
  let open: { line: number; words: string } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const isContinued = raw.endsWith('\\');
    const words = (isContinued ? raw.slice(0, -1) : raw).trim();
    open = open === undefined ? { line: index + 1, words } : { line: open.line, words: `${open.words} ${words}` };
    if (isContinued) continue;
    found.push(open);
    open = undefined;
  }
  return found;
}

/** The exec form; a shell form is one word, which no program of ours is called by. */
function list(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : [text];
  } catch {
    return [text];
  }
}
