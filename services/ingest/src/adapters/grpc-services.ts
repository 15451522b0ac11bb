import { type Metadata, status } from '@grpc/grpc-js';
import type {
  ListPlacementsRequest,
  ListPlacementsResponse,
  Placement as PlacementMessage,
} from '@messtrack/proto/gen/messtrack/v1/placements_service.ts';
import { PlacementsService } from '@messtrack/proto/gen/messtrack/v1/placements_service.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import type { GetVisitRequest, GetVisitResponse } from '@messtrack/proto/gen/messtrack/v1/visits_service.ts';
import { VisitsService } from '@messtrack/proto/gen/messtrack/v1/visits_service.ts';
import type { GrpcService } from '@messtrack/runtime/grpc.ts';
import { GrpcRefusal, requireToken, unary } from '@messtrack/runtime/grpc.ts';
import type { VisitStore } from '@messtrack/sessions/visit-store.ts';
import { tokenOwners } from '@messtrack/workspace/token-owners.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Logger } from 'pino';
import type { Workspaces } from '../ports.ts';

export interface IngestGrpcOptions {
  readonly workspaces: Workspaces;
  readonly visits: VisitStore;
  readonly log: Logger;
}

/** Placements and Visits, for `startGrpc`. */
export function ingestGrpcServices({ workspaces, visits, log }: IngestGrpcOptions): readonly GrpcService[] {
  return [
    {
      definition: PlacementsService,
      implementation: {
        listPlacements: unary<ListPlacementsRequest, ListPlacementsResponse>(
          log,
          'Placements/ListPlacements',
          async (request, metadata) => ({
            placements: placementsOf(authorise(workspaces, request.workspace, metadata)),
          }),
        ),
      },
    },
    {
      definition: VisitsService,
      implementation: {
        getVisit: unary<GetVisitRequest, GetVisitResponse>(log, 'Visits/GetVisit', async (request, metadata) => {
          const workspace = authorise(workspaces, request.workspace, metadata);
          return { visit: await readVisit(visits, workspace.name, request.visitId) };
        }),
      },
    },
  ];
}

/**
 * The workspace the token belongs to. A valid token of another workspace is PERMISSION_DENIED for any name, known or not: whoever holds
 * a token of one client learns nothing about which others exist.
 */
function authorise(workspaces: Workspaces, name: string, metadata: Metadata): Workspace {
  const ownersOf = (token: string) => tokenOwners(workspaces.current(), token);
  const owners = ownersOf(requireToken(metadata, (token) => ownersOf(token).length > 0));
  const workspace = owners.includes(name) ? workspaces.current().get(name) : undefined;
  if (workspace !== undefined) return workspace;
  throw new GrpcRefusal(status.PERMISSION_DENIED, 'the token belongs to another workspace');
}

function placementsOf(workspace: Workspace): PlacementMessage[] {
  return [...workspace.placements.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, kind, account, pool, vanity, words, invite }) => ({
      name,
      kind,
      account,
      redirectPath: invite === undefined ? `/t/${workspace.name}/${name}` : '',
      accounts: pool.map((member) => member.account),
      shortPaths: vanity.map((shortName) => `/go/${shortName}`),
      qrPath: invite === undefined ? `/qr/${workspace.name}/${name}.svg` : '',
      words: [...words],
    }));
}

async function readVisit(visits: VisitStore, workspace: string, visitId: string): Promise<Visit> {
  let bytes: Uint8Array | null;
  try {
    bytes = await visits.get(workspace, visitId);
  } catch {
    throw new GrpcRefusal(status.UNAVAILABLE, 'the visit store does not answer; try again later');
  }
  if (bytes === null) throw new GrpcRefusal(status.NOT_FOUND, 'there is no such visit, or its window is over');
  return Visit.decode(bytes);
}
