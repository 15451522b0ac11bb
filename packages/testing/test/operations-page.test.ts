import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEAD_LETTER_REASONS, DROP_REASONS, RETRY_REASONS } from '@messtrack/runtime/outcome.ts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { environmentTable } from './environment-table.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const services = readdirSync(join(ROOT, 'services')).filter((name) =>
  readdirSync(join(ROOT, 'services', name, 'src')).includes('config.ts'),
);

/** docs/operations.md is what people act on at night: what it says of the code is held against the code. */
describe('docs/operations.md', () => {
  test.each([...DROP_REASONS, ...DEAD_LETTER_REASONS, ...RETRY_REASONS])('has a row for the reason %s', (reason) => {
    expect(page).toContain(`\n| \`${reason}\` | `);
  });

  test.each(services)('has the environment of %s as its schema reads it', async (service) => {
    const module: Record<string, unknown> = await import(join(ROOT, 'services', service, 'src/config.ts'));
    const schemas = Object.values(module).filter((each) => each instanceof z.ZodObject);
    expect(schemas).toHaveLength(1);
    for (const schema of schemas) {
      const table = environmentTable(schema);
      expect(page, `the table of ${service} should be:\n${table}\n`).toContain(`**\`${service}\`**\n\n${table}\n`);
    }
  });
});
