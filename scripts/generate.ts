import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GENERATED, generateInto } from './generate/outputs.ts';

const HELP = `npm run generate

Writes what is generated and committed, from proto/, packages/workspace, packages/snippet and deploy/clickhouse:
${GENERATED.map((path) => `  ${path}`).join('\n')}

Run it after changing a .proto file, proto/src/topics.ts, the workspace schema, packages/snippet/src/page or a migration; npm run check compares.
`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help === true) {
  process.stdout.write(HELP);
} else {
  const root = join(import.meta.dirname, '..');
  await generateInto(root, root);
  process.stdout.write(`written: ${GENERATED.join(', ')}\n`);
}
