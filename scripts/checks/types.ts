import type { Check } from './check.ts';
import { runTool } from './command.ts';

export const types: Check = {
  name: 'types',
  rule: 'everything type-checks',
  remedy: 'npx tsc -p . shows the same',
  async run(root) {
    const { isOk, lines } = runTool(root, 'tsc', ['-p', '.', '--pretty', 'false']);
    return { problems: isOk ? [] : lines };
  },
};
