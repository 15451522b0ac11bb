import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../src/document.ts';
import { parseWorkspace } from '../src/parse.ts';
import { SECRET_KEYS, SECRET_LIST } from '../src/schema.ts';

const DOCS = join(import.meta.dirname, '../../../docs');

/** What examples that show one placement or account take for granted: the accounts they name, and who may ask. */
const AROUND = {
  workspace: 'acme',
  api_tokens: [reference('API_TOKEN')],
  origins: ['https://acme.example'],
  accounts: {
    ...Object.fromEntries(
      ['sales-wa', 'sign-wa', 'support-wa', 'north-wa', 'south-wa', 'old-wa'].map((name, index) => [name, whatsApp(index)]),
    ),
    'sales-tg': {
      channel: 'telegram',
      provider: 'telegram',
      username: 'acme_bot',
      bot_token: reference('BOT'),
      secret_token: reference('HOOK'),
    },
  },
};

interface Example {
  readonly page: string;
  readonly line: number;
  readonly yaml: string;
}

/** A key that may be left out, as pages show it: a line of its own behind "#". */
const COMMENTED = /^( *)# (\w+: )/gm;

const examples = readdirSync(DOCS, { encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .flatMap((page) => yamlBlocks(page, readFileSync(join(DOCS, page), 'utf8')));

describe('YAML in docs', () => {
  it('is found', () => expect(examples.length).toBeGreaterThan(20));

  const named = examples.map((example) => ({ ...example, name: `${example.page}:${example.line}` }));
  it.each(named)('$name is taken by whoever reads workspace files', ({ page, yaml }) => expect(problemsOf(page, yaml)).toEqual([]));

  const optional = named.filter(({ yaml }) => yaml.search(COMMENTED) >= 0);
  it.each(optional)('$name knows the keys that it shows behind "#"', ({ page, yaml }) => {
    expect(problemsOf(page, yaml.replace(COMMENTED, '$1$2')).filter((problem) => problem.includes('is no key known here'))).toEqual([]);
  });
});

describe('docs/workspaces.md', () => {
  it('names every key whose value may only be a reference', () => {
    const [, named = ''] = /^Secrets \(([\s\S]*?)\) must be one reference/m.exec(readFileSync(join(DOCS, 'workspaces.md'), 'utf8')) ?? [];
    const told = [...named.matchAll(/`(\w+)`/g)].map(([, key]) => key);
    expect(told.toSorted()).toEqual([...SECRET_KEYS, SECRET_LIST].toSorted());
  });
});

/** What is wrong with an example, each with its place. */
function problemsOf(page: string, yaml: string): readonly string[] {
  const text = JSON.stringify(completed(read(yaml)));
  const parsed = parseWorkspace(text, { file: page, env: environment(text), readFile: () => '' });
  return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

function read(yaml: string): unknown {
  const result = readYaml(yaml);
  if (result.kind === 'problems') throw new Error(`${JSON.stringify(result.problems)} in\n${yaml}`);
  return result.document.value;
}

function yamlBlocks(page: string, markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].flatMap((match) => {
    const yaml = match[1] ?? '';
    // A line for the editor alone holds nothing to read.
    return read(yaml) === null ? [] : [{ page, line: markdown.slice(0, match.index).split('\n').length, yaml }];
  });
}

/** A whole file as it is; sections and single accounts and placements at the place where they belong. */
function completed(example: unknown): unknown {
  const parts = example as Record<string, Record<string, unknown>>;
  if ('workspace' in parts) return parts;
  const file: Record<string, unknown> = { ...AROUND };
  for (const [name, part] of Object.entries(parts)) {
    const section = 'channel' in Object(part) ? 'accounts' : 'kind' in Object(part) ? 'placements' : undefined;
    if (section !== undefined) file[section] = { ...(file[section] as object), [name]: part };
    else file[name] = Array.isArray(part) ? part : typeof part === 'object' ? { ...(file[name] as object), ...part } : part;
  }
  return file;
}

/** A value for each reference; those of people's numbers are numbers. */
function environment(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '');
  return Object.fromEntries(names.map((name) => [name, name.includes('PHONE') ? '+14155550199' : `value-of-${name}-${'0'.repeat(16)}`]));
}

function reference(name: string): string {
  return `\${${name}}`;
}

function whatsApp(index: number): object {
  return {
    channel: 'whatsapp',
    provider: 'whatsapp',
    phone: `+1415555020${index}`,
    phone_number_id: `10654035224300${index}`,
    app_secret: reference('APP'),
    verify_token: reference('VERIFY'),
    access_token: reference('ACCESS'),
  };
}
