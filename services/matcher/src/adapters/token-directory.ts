import { tokenOwners } from '@messtrack/workspace/token-owners.ts';
import type { WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { TokenDirectory } from '../ports.ts';

/** The tokens of the workspaces in force at the moment of the question. */
export function tokenDirectory(workspaces: WorkspaceRegistry): TokenDirectory {
  return { workspaceOf: (token) => tokenOwners(workspaces.current(), token).at(-1) };
}
