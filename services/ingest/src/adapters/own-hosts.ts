import type { Workspace } from '@messtrack/workspace/workspace.ts';

/** A reload makes new workspace objects; what was prepared for the old ones goes with them. */
const prepared = new WeakMap<Workspace, ReadonlySet<string>>();

/** Whether a host is one of the sites of the workspace, by the origins of its placements, or stands below one. */
export function isOwnHost(workspace: Workspace, host: string): boolean {
  let own = prepared.get(workspace);
  if (own === undefined) {
    const origins = [...workspace.placements.values()].flatMap((placement) => placement.origins);
    own = new Set(origins.map((origin) => withoutWww(new URL(origin).hostname)));
    prepared.set(workspace, own);
  }
  if (own.size === 0) return false;
  for (let part = withoutWww(host); part !== ''; part = part.slice(part.indexOf('.') + 1)) {
    if (own.has(part)) return true;
    if (!part.includes('.')) return false;
  }
  return false;
}

function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host;
}
