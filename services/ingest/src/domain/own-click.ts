/** Closed list of Click.internal_reason in proto/messtrack/v1/touchpoint.proto. */
export type OwnClickReason = 'placement' | 'visitor' | 'network' | 'parameter';

/** What the workspace lists of its own. */
export interface OwnTraffic {
  readonly placements: ReadonlySet<string>;
  readonly visitors: ReadonlySet<string>;
  /** Name of a query parameter, lower case; empty when there is none. */
  readonly parameter: string;
  isOwnNetwork(ip: string): boolean;
}

export interface ClickedBy {
  readonly placement: string;
  readonly visitorId: string;
  readonly ip: string;
  /** Query of a redirect; undefined for beacons, whose query is ours. */
  readonly query: ReadonlyMap<string, string> | undefined;
}

/** Why a click is the workspace's own; undefined when it is somebody else's. The most particular reason first. */
export function ownClickReason(own: OwnTraffic, click: ClickedBy): OwnClickReason | undefined {
  if (own.placements.has(click.placement)) return 'placement';
  if (own.parameter !== '' && click.query?.has(own.parameter)) return 'parameter';
  if (click.visitorId !== '' && own.visitors.has(click.visitorId)) return 'visitor';
  return own.isOwnNetwork(click.ip) ? 'network' : undefined;
}
