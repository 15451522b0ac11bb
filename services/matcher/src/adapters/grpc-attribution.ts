import { type Metadata, status } from '@grpc/grpc-js';
import {
  AttributionService,
  type ExplainLeadRequest,
  type ExplainLeadResponse,
  type GetLeadRequest,
  type GetLeadResponse,
  type WaitForLeadRequest,
  type WaitForLeadResponse,
} from '@messtrack/proto/gen/messtrack/v1/attribution_service.ts';
import { bearerToken, GrpcRefusal, type GrpcService, unary } from '@messtrack/runtime/grpc.ts';
import type { Logger } from 'pino';
import { explain } from '../domain/explain.ts';
import type { Lead } from '../domain/lead.ts';
import type { MatcherMetrics } from '../metrics.ts';
import { type LeadDirectory, LeadsUnavailableError, type TokenDirectory } from '../ports.ts';
import { contactCandidates } from './contact-candidates.ts';
import { MAX_WAIT_MS } from './http-leads.ts';
import { toWireLead } from './lead-codec.ts';
import type { LeadWaiters } from './lead-waiters.ts';

export interface AttributionParts {
  readonly directory: LeadDirectory;
  readonly tokens: TokenDirectory;
  readonly waiters: LeadWaiters;
  readonly metrics: MatcherMetrics;
  readonly log: Logger;
}

/** The Attribution service of attribution_service.proto, for runtime/grpc.ts to serve. */
export function attributionService({ directory, tokens, waiters, metrics, log }: AttributionParts): GrpcService {
  async function lead(request: GetLeadRequest | ExplainLeadRequest, metadata: Metadata): Promise<Lead> {
    authorise(request.workspace, metadata);
    const found = await orRefused(directory.lead(request.workspace, request.leadId.toLowerCase()));
    if (found === undefined) throw refuse('not_found', status.NOT_FOUND, 'this workspace has no such lead');
    metrics.asked('grpc', 'found');
    return found;
  }

  async function orRefused<T>(looking: Promise<T>): Promise<T> {
    try {
      return await looking;
    } catch (error) {
      if (error instanceof LeadsUnavailableError)
        throw refuse('unavailable', status.UNAVAILABLE, 'leads cannot be looked up now; ask again in a few seconds');
      throw error;
    }
  }

  async function waitForLead(request: WaitForLeadRequest, metadata: Metadata, signal: AbortSignal): Promise<WaitForLeadResponse> {
    const { workspace, account, contact, waitMs } = request;
    authorise(workspace, metadata);
    const problems = [
      ...(account.length >= 1 && account.length <= 63 ? [] : ['account must have 1 to 63 characters']),
      ...(contact.length >= 1 && contact.length <= 256 ? [] : ['contact must have 1 to 256 characters']),
      ...(waitMs <= MAX_WAIT_MS ? [] : [`wait_ms must be at most ${MAX_WAIT_MS}`]),
    ];
    if (problems.length > 0) throw refuse('bad_request', status.INVALID_ARGUMENT, problems.join('; '));
    const contactKeys = contactCandidates(workspace, contact);
    const found = await orRefused(waiters.ask({ workspace, account, contactKeys, waitMs, signal }));
    switch (found.kind) {
      case 'found':
        metrics.asked('grpc', 'found');
        return { lead: toWireLead(found.lead) };
      case 'not_found':
        throw refuse('not_found', status.DEADLINE_EXCEEDED, 'the contact has no lead with this account (yet)');
      case 'busy':
        throw refuse('busy', status.RESOURCE_EXHAUSTED, 'too many callers are waiting; ask again in a second');
    }
  }

  function authorise(workspace: string, metadata: Metadata): void {
    const token = bearerToken(metadata);
    const owner = token === undefined ? undefined : tokens.workspaceOf(token);
    if (owner === undefined)
      throw refuse('unauthorized', status.UNAUTHENTICATED, 'an API token of a workspace is required: authorization: Bearer TOKEN');
    if (owner !== workspace) throw refuse('unauthorized', status.PERMISSION_DENIED, 'the token belongs to another workspace');
  }

  function refuse(answer: string, code: status, message: string): GrpcRefusal {
    metrics.asked('grpc', answer);
    return new GrpcRefusal(code, message);
  }

  return {
    definition: AttributionService,
    implementation: {
      getLead: unary<GetLeadRequest, GetLeadResponse>(log, 'Attribution/GetLead', async (request, metadata) => ({
        lead: toWireLead(await lead(request, metadata)),
      })),
      waitForLead: unary<WaitForLeadRequest, WaitForLeadResponse>(log, 'Attribution/WaitForLead', waitForLead),
      explainLead: unary<ExplainLeadRequest, ExplainLeadResponse>(log, 'Attribution/ExplainLead', async (request, metadata) => {
        const found = await lead(request, metadata);
        return { lead: toWireLead(found), sentences: [...explain(found)] };
      }),
    },
  };
}
