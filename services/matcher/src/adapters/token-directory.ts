import { anySecretEquals } from '@messtrack/runtime/secret.ts';
import type { WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { TokenDirectory } from '../ports.ts';

/** The tokens of the workspaces in force at the moment of the question. All are compared, whichever fits. */
export function tokenDirectory(workspaces: WorkspaceRegistry): TokenDirectory {
  return {
    workspaceOf(token) {
      let found: string | undefined;
      for (const workspace of workspaces.current().values()) {
        if (anySecretEquals(workspace.apiTokens, token)) found = workspace.name;
      }
      return found;
    },
  };
}
