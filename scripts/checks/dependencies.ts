import type { Check, Findings } from './check.ts';
import { readText } from './files.ts';
import { directDependencies } from './manifests.ts';

const PAGE = 'CONTRIBUTING.md';

export const dependencies: Check = {
  name: 'dependencies',
  rule: `every direct dependency has its one line of why in ${PAGE}`,
  remedy: `add or remove "- \`name\`: why" under "Dependencies" in ${PAGE}`,
  async run(root): Promise<Findings> {
    const lines = readText(root, PAGE).split('\n');
    const explained = lines.flatMap((line) => /^- `((?:@[a-z0-9-]+\/)?[a-z0-9.-]+)`: \S/.exec(line)?.[1] ?? []);
    const needed = directDependencies(root);
    return {
      problems: [
        ...needed.filter((name) => !explained.includes(name)).map((name) => `${name} is a dependency without a line`),
        ...[...new Set(explained)].filter((name) => !needed.includes(name)).map((name) => `${name} has a line and is no dependency`),
        ...[...new Set(explained.filter((name, index) => explained.indexOf(name) !== index))].map((name) => `${name} has several lines`),
      ],
    };
  },
};
