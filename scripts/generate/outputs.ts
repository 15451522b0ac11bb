import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspaceJsonSchema } from '@messtrack/workspace/json-schema.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { readContracts } from './contracts.ts';
import { poolChoiceAsset, snippetAsset, widgetAsset } from './snippet-asset.ts';
import { topicsPage } from './topics-page.ts';
import { warehousePage } from './warehouse-page.ts';

/** Folders and files that are generated and committed, relative to the root. */
export const GENERATED = [
  'proto/src/gen',
  'docs/topics.md',
  'docs/asyncapi.yaml',
  'docs/workspace.schema.json',
  'docs/warehouse.md',
  'packages/snippet/src/gen',
] as const;

/** Writes all generated files under `target`, which is the root itself or, for the check, an empty folder. */
export async function generateInto(root: string, target: string): Promise<void> {
  execFileSync(join(root, 'node_modules/.bin/buf'), ['generate', '--output', join(target, 'proto')], {
    cwd: join(root, 'proto'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const contracts = readContracts(root);
  write(join(target, 'docs/topics.md'), topicsPage(contracts));
  write(join(target, 'docs/asyncapi.yaml'), asyncApiDocument(contracts, versionOf(root)));
  write(join(target, 'docs/workspace.schema.json'), `${JSON.stringify(workspaceJsonSchema(), undefined, 2)}\n`);
  write(join(target, 'docs/warehouse.md'), await warehousePage(root));
  write(join(target, 'packages/snippet/src/gen/snippet-code.ts'), await snippetAsset(root));
  write(join(target, 'packages/snippet/src/gen/pool-choice-code.ts'), await poolChoiceAsset(root));
  write(join(target, 'packages/snippet/src/gen/widget-code.ts'), await widgetAsset(root));
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function versionOf(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string')
    return manifest.version;
  throw new Error('package.json has no version');
}
