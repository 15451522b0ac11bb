import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { AttributionClient } from '@messtrack/proto/gen/messtrack/v1/attribution_service.ts';
import { ExportsClient } from '@messtrack/proto/gen/messtrack/v1/exports_service.ts';
import { PlacementsClient } from '@messtrack/proto/gen/messtrack/v1/placements_service.ts';
import type { Cluster } from '@messtrack/testing/cluster.ts';
import { expect } from 'vitest';

type Answer<T> = (error: ServiceError | null, response: T) => void;

/** What bots and platform teams ask over gRPC, asked of the running processes. */
export async function expectGrpcAnswers(
  cluster: Cluster,
  lead: { readonly leadId: string; readonly account: string; readonly contact: string },
): Promise<void> {
  const address = (member: string): string => `127.0.0.1:${cluster.member(member).grpcPort}`;
  const token = new Metadata();
  token.set('authorization', 'Bearer demo-token');
  const wrong = new Metadata();
  wrong.set('authorization', 'Bearer not-the-token');

  const attribution = new AttributionClient(address('matcher'), credentials.createInsecure());
  const exported = new ExportsClient(address('exporter'), credentials.createInsecure());
  const placements = new PlacementsClient(address('ingest'), credentials.createInsecure());
  try {
    const found = await call((done: Answer<{ lead?: { leadId: string } | undefined }>) =>
      attribution.getLead({ workspace: 'demo', leadId: lead.leadId }, token, done),
    );
    expect(found.lead?.leadId).toBe(lead.leadId);
    const waited = await call((done: Answer<{ lead?: { leadId: string } | undefined }>) =>
      attribution.waitForLead({ workspace: 'demo', account: lead.account, contact: lead.contact, waitMs: 5_000 }, token, done),
    );
    expect(waited.lead?.leadId).toBe(lead.leadId);
    const explained = await call((done: Answer<{ sentences: string[] }>) =>
      attribution.explainLead({ workspace: 'demo', leadId: lead.leadId }, token, done),
    );
    expect(explained.sentences.join(' ')).toContain('code');

    await expect(
      call((done: Answer<unknown>) => attribution.getLead({ workspace: 'demo', leadId: lead.leadId }, new Metadata(), done)),
    ).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(
      call((done: Answer<unknown>) => attribution.getLead({ workspace: 'demo', leadId: lead.leadId }, wrong, done)),
    ).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    await expect(
      call((done: Answer<unknown>) => attribution.getLead({ workspace: 'demo', leadId: '0'.repeat(26) }, token, done)),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });

    const progress = await call((done: Answer<{ topics: { topic: string; rowsWritten: number }[] }>) => exported.getStatus({}, done));
    expect(progress.topics.map(({ topic }) => topic)).toContain('leads.v1');
    const listed = await call((done: Answer<{ placements: { name: string }[] }>) =>
      placements.listPlacements({ workspace: 'demo' }, token, done),
    );
    expect(listed.placements.map(({ name }) => name)).toEqual([
      'ad-redirect',
      'emoji-ad',
      'hidden-ad',
      'metro-sign',
      'site-button',
      'tg-ad',
    ]);
  } finally {
    attribution.close();
    exported.close();
    placements.close();
  }
}

function call<T>(ask: (done: Answer<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
