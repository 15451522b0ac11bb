import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { BOUNDARY_RULES } from './boundary-rules.ts';
import type { Check, Findings } from './check.ts';
import { processUses } from './process-uses.ts';

export const boundaries: Check = {
  name: 'boundaries',
  rule: 'imports go only where the layout lets them, and only main.ts touches process',
  remedy: 'move the code to the side of the boundary it belongs to; the rules and their reasons are in scripts/checks/boundary-rules.ts',
  async run(root): Promise<Findings> {
    const result = await cruise(['proto/src', 'packages', 'services', 'scripts', 'tests'], {
      baseDir: root,
      // TypeScript 7 has no JavaScript API, so that dependency-cruiser's own TypeScript extractor cannot run; swc parses the same files.
      parser: 'swc',
      tsPreCompilationDeps: true,
      validate: true,
      ruleSet: { forbidden: BOUNDARY_RULES },
      exclude: { path: 'node_modules/\\.|/results/|/artifacts/' },
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['import', 'node', 'types', 'default'],
        extensions: ['.ts', '.js'],
      },
    });
    if (typeof result.output === 'string') throw new Error('dependency-cruiser answered with text instead of its result');
    const { isEmpty, problems } = violations(result.output);
    if (isEmpty) return { problems: ['dependency-cruiser saw no module: the check proves nothing'] };
    return { problems: [...problems, ...processUses(root)] };
  },
};

function violations(result: ICruiseResult): { readonly isEmpty: boolean; readonly problems: readonly string[] } {
  const comments = new Map(BOUNDARY_RULES.map((rule) => [rule.name ?? '', rule.comment ?? '']));
  const problems = result.summary.violations.map((violation) => {
    const cycle = violation.cycle === undefined ? '' : ` (cycle: ${violation.cycle.map((step) => step.name).join(' → ')})`;
    return `${violation.from} → ${violation.to}${cycle}\n      ${violation.rule.name}: ${comments.get(violation.rule.name) ?? ''}`;
  });
  return { isEmpty: result.summary.totalDependenciesCruised === undefined || result.summary.totalDependenciesCruised === 0, problems };
}
