import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };

/** Where the names stand that a script takes, a file each. */
const FOLDERS: Readonly<Record<string, string>> = { bench: 'tests/bench', faults: 'tests/faults', check: 'scripts/checks' };

/** What pages tell to type, in blocks and in lines, as its script, the words behind it and its options. */
interface Command {
  readonly place: string;
  readonly script: string;
  readonly names: readonly string[];
  readonly options: readonly string[];
}

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync(['docs/**/*.md', 'deploy/**/*.yaml', 'tests/corpus/*.md'], { cwd: ROOT })];
const commands = pages.flatMap((page) => commandsOf(page, readFileSync(join(ROOT, page), 'utf8')));
const used = [...new Set(commands.map(({ script }) => script))];

describe('commands in docs', () => {
  it('are found', () => expect(commands.length).toBeGreaterThan(40));

  it('are scripts of package.json', () => expect(used.filter((script) => scripts[script] === undefined)).toEqual([]));

  it.each(used)('npm run %s takes the names and options they give it', (script) => {
    const mine = commands.filter((command) => command.script === script);
    const unknown = mine.flatMap(({ place, names, options }) => {
      const parts = script in FOLDERS ? names.map((name) => join(FOLDERS[script] ?? '', `${name}.ts`)) : [];
      // What a script takes stands in its --help, what a benchmark or a campaign takes in its own first lines.
      const told = [`scripts/${script}.ts`, ...globSync(`scripts/${script}/**/*.ts`, { cwd: ROOT }), ...parts].map(read).join('\n');
      return [
        ...parts.filter((path) => !existsSync(join(ROOT, path))),
        ...options.filter((option) => option !== '--help' && !new RegExp(`${option}(?![a-z-])`).test(told)),
      ].map((word) => `${place}: there is no ${word}`);
    });
    expect(unknown).toEqual([]);
  });

  it('name files that exist', () => {
    const files = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/(npx )?\bnode ([\w./-]+\.(?:ts|js))\b/g)].map(([, runner, file = '']) => ({
        page,
        runner,
        file,
      })),
    );
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
    // The Node of whoever reads may be one that runs no TypeScript (20 is enough for npm ci); npx finds the project's.
    expect(files.filter(({ file, runner }) => file.endsWith('.ts') && runner !== 'npx ')).toEqual([]);
  });
});

function commandsOf(page: string, markdown: string): readonly Command[] {
  const joined = markdown.replaceAll(/\\\n\s*/g, ' ');
  return [...joined.matchAll(/\bnpm (?:run ([a-z-]+)|(start|test))\b([^`\n#;)]*)/g)].map(([whole, run, short, rest = '']) => {
    const words = rest
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^\[|[\],.:]+$/g, ''));
    const end = words.findIndex((word) => !/^(?:--|[a-z][a-z-]*$)/.test(word));
    return {
      place: `${page}: ${whole.trim()}`,
      script: run ?? short ?? '',
      // Prose goes on behind a command that stands in no backticks, as in YAML: there only options count.
      names: page.endsWith('.md') ? words.slice(0, end === -1 ? undefined : end).filter((word) => /^[a-z][a-z-]*$/.test(word)) : [],
      options: words.filter((word) => /^--[a-z][a-z-]*$/.test(word)),
    };
  });
}

function read(path: string): string {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '';
}
