import type { Check, Findings } from './check.ts';
import { deploymentProblems } from './deployment/deployment-problems.ts';
import { projectFiles, readText } from './files.ts';

export const deployment: Check = {
  name: 'deployment',
  rule: 'docker-compose.yml, the Dockerfile and the nginx file fit each other and what our processes read',
  remedy: 'a variable stands in the config.ts of its service; an address, a port, a mount and a command exist on both sides',
  async run(root): Promise<Findings> {
    return { problems: deploymentProblems({ paths: projectFiles(root), read: (path) => readText(root, path) }) };
  },
};
