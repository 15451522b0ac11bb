import { join } from 'node:path';
import type { Check, Findings } from './check.ts';
import { runTool } from './command.ts';

export const contractsLint: Check = {
  name: 'contracts-lint',
  rule: 'every message, field and method of proto/ is documented and named as buf expects',
  remedy: 'cd proto && npx buf lint shows the same',
  async run(root) {
    const { isOk, lines } = runTool(root, 'buf', ['lint'], join(root, 'proto'));
    return { problems: isOk ? [] : lines };
  },
};

export const contractsBreaking: Check = {
  name: 'contracts-breaking',
  rule: 'no contract changes in a way that breaks readers or writers of the last release',
  remedy: 'add instead of changing; a breaking change of a value is a new topic (noun.v2) with a new message',
  async run(root): Promise<Findings> {
    const base = comparisonBase(root);
    if (base === undefined)
      return {
        problems: [],
        notes: ['no tag and no main branch with contracts is known here (new project or shallow clone): nothing to compare with'],
      };
    const { isOk, lines } = runTool(
      root,
      'buf',
      ['breaking', '--against', `${join(root, '.git')}#ref=${base.commit},subdir=proto`],
      join(root, 'proto'),
    );
    return { problems: isOk ? [] : lines, notes: [`compared with ${base.name}`] };
  },
};

interface Base {
  readonly name: string;
  readonly commit: string;
}

/**
 * The last tag that holds contracts, else main as the remote has it, else the local main, whichever this clone knows. A shallow clone knows few refs and
 * no history: a ref it cannot read is not a breaking change, so it is passed over.
 */
function comparisonBase(root: string): Base | undefined {
  const tags = runTool(root, 'git', ['tag', '--list', 'v*', '--sort=-version:refname'])
    .stdout.split('\n')
    .filter((tag) => tag !== '');
  for (const name of [...tags, 'origin/main', 'main']) {
    const commit = runTool(root, 'git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).stdout.trim();
    if (commit === '') continue;
    if (runTool(root, 'git', ['ls-tree', '--name-only', commit, 'proto/buf.yaml']).stdout.trim() !== '') return { name, commit };
  }
  return undefined;
}
