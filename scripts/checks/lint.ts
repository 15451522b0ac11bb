import type { Check } from './check.ts';
import { runTool } from './command.ts';

export const lint: Check = {
  name: 'lint',
  rule: 'format and lint rules of biome.json hold',
  remedy: 'npx biome check --write . repairs most of it',
  async run(root) {
    const { isOk, lines } = runTool(root, 'biome', [
      'check',
      '--reporter=github',
      '--diagnostic-level=warn',
      '--error-on-warnings',
      '--max-diagnostics=none',
      '.',
    ]);
    if (isOk) return { problems: [] };
    const findings = lines.flatMap((line) => oneLine(root, line));
    // Something other than findings, as a broken configuration: then biome's own words.
    return { problems: findings.length > 0 ? findings : lines };
  },
};

/** `::error title=rule,file=path,line=1,…::text` becomes `path:1: text (rule)`. */
function oneLine(root: string, line: string): readonly string[] {
  const found = /^::\w+ title=([^,]*),file=([^,]*),line=(\d+)[^:]*::(.*)$/.exec(line);
  if (found === null) return [];
  const [, rule = '', file = '', number = '', text = ''] = found;
  return [`${file.replace(`${root}/`, '')}:${number}: ${text} (${rule})`];
}
