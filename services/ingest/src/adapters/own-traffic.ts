import { isIPv4, isIPv6 } from 'node:net';
import { networkList } from '@messtrack/workspace/internal-schema.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { OwnTraffic } from '../domain/own-click.ts';

/** A reload makes new workspace objects; what was prepared for the old ones goes with them. */
const prepared = new WeakMap<Workspace, OwnTraffic>();

/** What the workspace lists of its own, prepared once per revision. */
export function ownTrafficOf(workspace: Workspace): OwnTraffic {
  const known = prepared.get(workspace);
  if (known !== undefined) return known;
  const { placements, visitors, networks, parameter } = workspace.internal;
  const list = networkList(networks);
  const own: OwnTraffic = {
    placements: new Set(placements),
    visitors: new Set(visitors),
    parameter,
    isOwnNetwork: (ip) => networks.length > 0 && (isIPv4(ip) ? list.check(ip) : isIPv6(ip) && list.check(ip.split('%')[0]!, 'ipv6')),
  };
  prepared.set(workspace, own);
  return own;
}
