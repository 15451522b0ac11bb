import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

describe('examples', () => {
  it.each(readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml')))(
    '%s has no problem and nothing to advise',
    (file) => {
      const parsed = parseWorkspace(readFileSync(join(EXAMPLES, file), 'utf8'), { file, env: {}, readFile: () => '' });
      expect(parsed).toMatchObject({ advice: [] });
    },
  );
});
