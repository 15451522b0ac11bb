import type { Check } from './check.ts';
import { runTool } from './command.ts';

/** What runs in Node, and what runs in pages. */
const PROJECTS = ['.', 'packages/snippet'];

export const types: Check = {
  name: 'types',
  rule: 'everything type-checks',
  remedy: 'npx tsc -p . and npx tsc -p packages/snippet show the same',
  async run(root) {
    const results = PROJECTS.map((project) => runTool(root, 'tsc', ['-p', project, '--pretty', 'false']));
    return { problems: results.flatMap(({ isOk, lines }) => (isOk ? [] : lines)) };
  },
};
