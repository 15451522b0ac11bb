import { parseSync } from '@swc/core';
import { describe, expect, it } from 'vitest';
import { asyncApiProblems, deliveryRowsWithoutTest, missingTests, pitfallProblems, relativeLinks } from '../checks/docs.ts';
import { findings } from '../checks/hygiene.ts';
import { isAllowed } from '../checks/licences.ts';
import { usesProcess } from '../checks/process-uses.ts';
import { badContent, badName } from '../checks/structure.ts';

// What the checks forbid is put together here, so that this file passes them.
const join = (...pieces: readonly string[]): string => pieces.join('');

describe('the check of structure', () => {
  it.each([
    'services/x/src/utils/a.ts',
    'packages/x/src/common.ts',
    'services/x/src/domain/index.ts',
    'packages/x/src/camelCase.ts',
    'services/x/src/helpers.ts',
  ])('refuses the name %s', (path) => {
    expect(badName(path)).toHaveLength(1);
  });

  it.each([
    'services/x/src/domain/click.ts',
    'packages/x/test/bus-lmdb.integration.test.ts',
    'proto/src/gen/messtrack/v1/visits_service.ts',
    'docs/index.md',
  ])('lets the name %s be', (path) => {
    expect(badName(path)).toEqual([]);
  });

  it.each([
    ['packages/x/test/a.test.ts', join('it.', 'only("x")')],
    ['packages/x/test/a.test.ts', join('describe.', 'skip("x")')],
    ['tests/e2e/a.ts', join('it("x", { retr', 'y: 2 }, f)')],
    ['packages/x/src/a.ts', join('// TO', 'DO later')],
    ['packages/x/src/a.ts', join('export en', 'um A { B }')],
    ['packages/x/src/a.ts', join('names', 'pace A {}')],
    ['services/x/src/main.ts', 'const app = fastify();'],
    ['services/x/src/main.ts', 'const app = fastify({ logger: false });'],
  ])('refuses in %s: %s', (path, text) => {
    expect(badContent(path, `const a = 1;\n${text}\n`)).toEqual([expect.stringContaining(`${path}:2`)]);
  });

  it('lets ordinary code be', () => {
    expect(
      badContent('services/x/src/main.ts', 'fastify(HTTP_LIMITS); fastify({ ...HTTP_LIMITS }); fastify(ingestHttpOptions(proxies));'),
    ).toEqual([]);
    expect(badContent('packages/x/src/a.ts', 'const retry = 1;\n// every enumeration\nconst method = todo.skip(1);')).toEqual([]);
  });
});

describe('the check of process', () => {
  const uses = (code: string): boolean => usesProcess(parseSync(code, { syntax: 'typescript' }));

  it.each(['process.env.A', 'run(process)', 'const { pid } = process', "process['exit'](1)", 'record[process]'])('finds %s', (code) => {
    expect(uses(code)).toBe(true);
  });

  it.each([
    'bus.process({})',
    'const a = { process() { return 1; } }',
    'interface A { process(): void }',
    '// process.env',
    "'process.env'",
    'bus["process"]()',
  ])('passes over %s', (code) => {
    expect(uses(code)).toBe(false);
  });
});

describe('the check of hygiene', () => {
  it.each([
    join('cd /ho', 'me/anna/messtrack'),
    join('"/Us', 'ers/Anna/messtrack"'),
    join('(/wo', 'rk/main)'),
    join('https://registry.np', 'mjs.org/pino'),
    join('-----BEGIN RSA PRIV', 'ATE KEY-----'),
    join('AKI', 'A0123456789ABCDEF'),
    join('123456789:A', 'A', 'x'.repeat(33)),
  ])('finds %s', (text) => {
    expect(findings('README.md', `first\n${text}\n`)).toEqual([expect.stringContaining('README.md:2')]);
  });

  it.each([join('https://example.com/ho', 'me/anna/'), 'docs/work/plan.md', './packages/runtime', 'the public key', '12:AA'])(
    'passes over %s',
    (text) => {
      expect(findings('README.md', text)).toEqual([]);
    },
  );
});

describe('the check of licences', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND GPL-3.0', false],
    ['AGPL-3.0-only', false],
    ['UNLICENSED', false],
    ['', false],
  ])('of %s says %s', (expression, expected) => {
    expect(isAllowed(expression)).toBe(expected);
  });
});

describe('the check of docs', () => {
  it('sees relative links only, outside code', () => {
    const page =
      'a [b](docs/x.md#y) [c](https://example.com) [d](#here) [e](<a b.md>)\n```\n[f](no.md)\n```\n`[g](no.md)` ![h](h.png "title")';
    expect(relativeLinks(page)).toEqual(['docs/x.md#y', 'h.png']);
  });

  it('wants the tests it names to exist, by file and by title', () => {
    const files: Readonly<Record<string, string>> = { 'a/b.test.ts': "it('acknowledges last', () => {})" };
    const missing = (markdown: string): readonly string[] => missingTests('docs/x.md', markdown, (path) => files[path]);
    expect(missing('`a/b.test.ts` › “acknowledges last” and `a/b.test.ts`')).toEqual([]);
    expect(missing('`a/b.test.ts` › "acknowledges first"')).toEqual(['docs/x.md: a/b.test.ts has no test "acknowledges first"']);
    expect(missing('`a/b.test.ts` › "knowledges last"')).toHaveLength(1);
    expect(missing('`a/c.test.ts`')).toEqual(['docs/x.md: there is no test file a/c.test.ts']);
  });

  it('wants a test in every row of the delivery table', () => {
    const table =
      '## Delivery guarantees\n\n| hop | test |\n|---|---|\n| browser → ingest | `a/b.test.ts` |\n| leads → ClickHouse | trust us |\n\n## Next\n';
    expect(deliveryRowsWithoutTest(table)).toEqual(['docs/architecture.md: no test is named for "leads → ClickHouse"']);
    expect(deliveryRowsWithoutTest('## Delivery guarantees\n\nsoon\n')).toHaveLength(1);
    expect(deliveryRowsWithoutTest('')).toHaveLength(1);
  });

  it('wants every pitfall once, and a test for each that is proved', () => {
    const page = (proved: string, open: string) =>
      `# Pitfalls\n\n## Proved\n\n| no. | a | by |\n|---|---|---|\n${proved}\n\n## Later\n\n${open}\n`;
    expect(pitfallProblems(page('| 1 | x | `a/b.test.ts` |\n| 3 | y | `a/b.test.ts` |', '| 2 | z |'))).toEqual([]);
    expect(pitfallProblems(page('| 1 | x | `a/b.test.ts` |\n| 3 | y | trust us |', '| 3 | z |'))).toEqual([
      'docs/pitfalls.md: no. 2 stands there 0 times',
      'docs/pitfalls.md: no. 3 stands there 2 times',
      'docs/pitfalls.md: no test is named for "3"',
    ]);
    expect(pitfallProblems('')).toHaveLength(1);
  });

  it('takes an AsyncAPI document only when its own parser does', async () => {
    const document = (title: string): string =>
      `asyncapi: 3.0.0\ninfo: { ${title}version: 1.0.0 }\nchannels: { a: { address: a, messages: { A: { payload: { type: object } } } } }\n`;
    expect((await asyncApiProblems(document(''))).join('\n')).toContain('title');
    expect((await asyncApiProblems(document('title: a, ').replace('type: object', 'type: 7'))).join('\n')).toContain('channels.a');
    expect(await asyncApiProblems('- no document')).not.toEqual([]);
    expect(await asyncApiProblems(document('title: a, '))).toEqual([]);
  });
});
