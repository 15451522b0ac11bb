import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundaries } from '../checks/boundaries.ts';
import { BOUNDARY_RULES } from '../checks/boundary-rules.ts';

/** A project in miniature: what each file imports, and the rule that must object, if any. */
const FILES: Readonly<Record<string, { readonly code: string; readonly breaks?: string }>> = {
  'proto/src/topics.ts': { code: 'export const t = 1;' },
  'proto/src/gen/message.ts': { code: 'export interface M { a: 1 }' },
  'packages/runtime/src/bus.ts': { code: "import '../../workspace/src/workspace.ts';", breaks: 'runtime-knows-no-domain' },
  'packages/runtime/src/outcome.ts': { code: 'export const ok = 1;' },
  'packages/workspace/src/workspace.ts': { code: 'export interface W { a: 1 }' },
  'packages/workspace/src/reload.ts': { code: "import '../../../services/a/src/service.ts';", breaks: 'packages-know-no-service' },
  'packages/tracking-code/src/code.ts': {
    code: "import { randomBytes } from 'node:crypto'; randomBytes(1);",
    breaks: 'tracking-code-runs-in-browsers',
  },
  'packages/snippet/src/page/start.ts': { code: "import '../script.ts';", breaks: 'snippet-runs-in-browsers' },
  'packages/snippet/src/widget/dialog.ts': { code: "import 'node:crypto';", breaks: 'dialog-runs-in-browsers' },
  'packages/snippet/src/script.ts': { code: 'export const script = 1;' },
  'packages/testing/src/services.ts': { code: 'export const pid = process.pid;' },
  'services/a/src/domain/pure.ts': {
    code: "import type { W } from '../../../../packages/workspace/src/workspace.ts'; import '../../../../packages/runtime/src/outcome.ts'; import './other.ts'; export type A = W;",
  },
  'services/a/src/domain/other.ts': { code: 'export const other = 1;' },
  'services/a/src/domain/reads-files.ts': { code: "import 'node:fs';", breaks: 'domain-is-pure' },
  'services/a/src/domain/knows-adapter.ts': { code: "import '../adapters/store.ts';", breaks: 'domain-is-pure' },
  'services/a/src/domain/knows-contract.ts': {
    code: "import type { M } from '../../../../proto/src/gen/message.ts'; export type A = M;",
    breaks: 'domain-is-pure',
  },
  'services/a/src/domain/knows-bus.ts': {
    code: "import type { B } from '../../../../packages/runtime/src/bus.ts'; export type A = B;",
    breaks: 'domain-is-pure',
  },
  'services/a/src/adapters/store.ts': { code: 'export const store = 1;' },
  'services/a/src/adapters/environment.ts': { code: 'export const home = process.env.HOME;', breaks: 'uses the global process' },
  'services/a/src/adapters/sneaky.ts': { code: "import { pid } from 'node:process'; export const p = pid;", breaks: 'no-process-import' },
  'services/a/src/adapters/neighbour.ts': { code: "import '../../../b/src/service.ts';", breaks: 'services-stand-alone' },
  'services/a/src/adapters/fake.ts': {
    code: "import '../../../../packages/testing/src/services.ts';",
    breaks: 'no-test-code-in-production',
  },
  'services/a/src/adapters/one.ts': { code: "import { two } from './two.ts'; export const one = () => two;", breaks: 'no-cycles' },
  'services/a/src/adapters/two.ts': { code: "import { one } from './one.ts'; export const two = () => one;" },
  'services/a/src/adapters/lost.ts': { code: "import './nowhere.ts';", breaks: 'imports-resolve' },
  'services/a/src/adapters/undeclared.ts': { code: "import 'undeclared';", breaks: 'no-dev-dependency-in-production' },
  'services/a/src/pipeline.ts': { code: "import './adapters/store.ts'; import './service.ts';", breaks: 'pipeline-is-wired' },
  'services/a/src/ports.ts': { code: "import './adapters/store.ts';", breaks: 'ports-know-no-adapters' },
  'services/a/src/service.ts': { code: "import './adapters/store.ts';" },
  'services/a/src/main.ts': { code: "import './service.ts'; process.exit(0);" },
  'services/a/src/check.ts': { code: "import './main.ts';", breaks: 'nothing-imports-main' },
  'services/b/src/service.ts': { code: 'export const b = 1;' },
  'services/standalone/src/standalone.ts': { code: "import '../../a/src/service.ts'; import '../../b/src/service.ts';" },
  'scripts/x.ts': { code: 'export const x = 1;' },
  'tests/x.ts': { code: 'export const x = 1;' },
  'services/a/package.json': { code: '{ "name": "a", "dependencies": {} }' },
  'node_modules/undeclared/package.json': { code: '{ "name": "undeclared", "main": "index.js" }' },
  'node_modules/undeclared/index.js': { code: '' },
};

let root: string;
let problems: readonly string[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'messtrack-boundaries-'));
  for (const [path, { code }] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), code);
  }
  execFileSync('git', ['init', '-q'], { cwd: root });
  problems = (await boundaries.run(root)).problems;
});

afterAll(() => rmSync(root, { recursive: true }));

describe('the check of boundaries', () => {
  it.each(Object.entries(FILES).flatMap(([path, { breaks }]) => (breaks === undefined ? [] : [[path, breaks] as const])))(
    'objects to %s: %s',
    (path, rule) => {
      expect(problems.filter((problem) => problem.startsWith(`${path} `) && problem.includes(rule))).not.toEqual([]);
    },
  );

  it('objects to nothing else', () => {
    const expected = new Set(Object.entries(FILES).flatMap(([path, { breaks }]) => (breaks === undefined ? [] : [path])));
    expect(problems.filter((problem) => !expected.has(problem.split(' ')[0] ?? ''))).toEqual([]);
  });

  it('has every rule proved here', () => {
    const proved = new Set(Object.values(FILES).map(({ breaks }) => breaks));
    expect(BOUNDARY_RULES.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });
});
