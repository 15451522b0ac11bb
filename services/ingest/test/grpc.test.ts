import { credentials, Metadata, status } from '@grpc/grpc-js';
import type { ListPlacementsResponse } from '@messtrack/proto/gen/messtrack/v1/placements_service.ts';
import { PlacementsClient } from '@messtrack/proto/gen/messtrack/v1/placements_service.ts';
import type { GetVisitResponse } from '@messtrack/proto/gen/messtrack/v1/visits_service.ts';
import { VisitsClient } from '@messtrack/proto/gen/messtrack/v1/visits_service.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestGrpcServices } from '../src/adapters/grpc-services.ts';
import { fakeVisits, startHarness, WORKSPACE_YAML, workspaceFrom } from './harness.ts';

const OTHER_YAML = WORKSPACE_YAML.replace('workspace: acme', 'workspace: other')
  .replace('acme-token', 'other-token')
  .replace('106540352242922', '206540352242922');

describe('gRPC', () => {
  let visits: ReturnType<typeof fakeVisits>;
  let server: Awaited<ReturnType<typeof startGrpc>>;
  let placements: PlacementsClient;
  let visitsClient: VisitsClient;

  beforeEach(async () => {
    visits = fakeVisits();
    const log = pino({ level: 'silent' });
    const workspaces = fixedWorkspaces([workspaceFrom(WORKSPACE_YAML), workspaceFrom(OTHER_YAML)]);
    server = await startGrpc({ host: '127.0.0.1', port: 0, services: ingestGrpcServices({ workspaces, visits, log }), log });
    placements = new PlacementsClient(`127.0.0.1:${server.value.port}`, credentials.createInsecure());
    visitsClient = new VisitsClient(`127.0.0.1:${server.value.port}`, credentials.createInsecure());
  });
  afterEach(async () => {
    placements.close();
    visitsClient.close();
    await server.close?.();
  });

  function metadata(token?: string): Metadata {
    const made = new Metadata();
    if (token !== undefined) made.set('authorization', `Bearer ${token}`);
    return made;
  }

  function list(workspace: string, token?: string): Promise<ListPlacementsResponse> {
    return new Promise((resolve, reject) => {
      placements.listPlacements({ workspace }, metadata(token), (error, response) => (error === null ? resolve(response) : reject(error)));
    });
  }

  function getVisit(workspace: string, visitId: string, token?: string): Promise<GetVisitResponse> {
    return new Promise((resolve, reject) => {
      visitsClient.getVisit({ workspace, visitId }, metadata(token), (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
  }

  it('lists placements by name', async () => {
    expect((await list('acme', 'acme-token')).placements).toEqual([
      {
        name: 'ad',
        kind: 'redirect',
        account: 'sales-wa',
        redirectPath: '/t/acme/ad',
        accounts: ['sales-wa'],
        shortPaths: [],
        qrPath: '/qr/acme/ad.svg',
        words: [],
      },
      {
        name: 'bot',
        kind: 'redirect',
        account: 'sales-tg',
        redirectPath: '/t/acme/bot',
        accounts: ['sales-tg'],
        shortPaths: [],
        qrPath: '/qr/acme/bot.svg',
        words: [],
      },
      {
        name: 'button',
        kind: 'site',
        account: 'sales-wa',
        redirectPath: '/t/acme/button',
        accounts: ['sales-wa'],
        shortPaths: [],
        qrPath: '/qr/acme/button.svg',
        words: [],
      },
    ]);
  });

  it.each([
    ['no token', 'acme', undefined, status.UNAUTHENTICATED],
    ['a wrong token', 'acme', 'nope', status.UNAUTHENTICATED],
    ["another workspace's token", 'acme', 'other-token', status.PERMISSION_DENIED],
    ['a token for a workspace that is not there', 'nobody', 'acme-token', status.PERMISSION_DENIED],
  ])('refuses %s', async (_, workspace, token, code) => {
    await expect(list(workspace, token)).rejects.toMatchObject({ code });
    await expect(getVisit(workspace, 'v1', token)).rejects.toMatchObject({ code });
  });

  it('gives a visit that was registered over HTTP', async () => {
    const harness = await startHarness();
    try {
      const response = await harness.app.inject({
        method: 'POST',
        url: '/v1/visits',
        payload: { workspace: 'acme', visit_id: 'v1', utm: { utm_source: 'mail' } },
      });
      expect(response.statusCode).toBe(202);
      for (const [key, bytes] of harness.visits.kept) visits.kept.set(key, bytes);
    } finally {
      await harness.close();
    }
    expect((await getVisit('acme', 'v1', 'acme-token')).visit).toMatchObject({ visitId: 'v1', source: { utmSource: 'mail' } });
    await expect(getVisit('acme', 'v2', 'acme-token')).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(getVisit('other', 'v1', 'other-token')).rejects.toMatchObject({ code: status.NOT_FOUND });
    visits.mode = 'away';
    await expect(getVisit('acme', 'v1', 'acme-token')).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});
