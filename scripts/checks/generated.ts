import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENERATED, generateInto } from '../generate/outputs.ts';
import type { Check } from './check.ts';
import { runTool } from './command.ts';

export const generated: Check = {
  name: 'generated',
  rule: 'generated files are what their sources say',
  remedy: 'npm run generate, and commit the result',
  async run(root) {
    const folder = mkdtempSync(join(tmpdir(), 'messtrack-generated-'));
    try {
      await generateInto(root, folder);
      const problems = GENERATED.flatMap((path) => {
        const { isOk, lines } = runTool(root, 'diff', ['-rq', join(root, path), join(folder, path)]);
        return isOk ? [] : lines.map((line) => line.replaceAll(`${root}/`, '').replaceAll(`${folder}/`, 'fresh '));
      });
      return { problems };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
