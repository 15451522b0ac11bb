/** The HTTP surface: raw bytes in, short texts out. Limits stand before anything is parsed. */
import { plainPosts, plainTypes } from '@messtrack/runtime/plain-post.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppWebhook } from '../app-pipeline.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Answer, Webhook } from '../pipeline.ts';
import type { Directory } from '../ports.ts';
import type { Provider, ReceivedRequest, Verification } from './provider.ts';
import { providerOf } from './providers.ts';
import { isSameSecret } from './signature.ts';

/** Meta's payloads end at 3 MB, Telegram's far below. */
export const MAX_BODY_BYTES = 3_000_000;

/** Of the webhooks of all messengers. */
const PLAIN_TYPES = plainTypes('application/json', 'application/x-www-form-urlencoded');

const NO_BODY = Buffer.alloc(0);

interface HookParams {
  readonly provider: string;
  readonly workspace: string;
  readonly account: string;
}

type AppParams = Pick<HookParams, 'provider'>;

export interface RouteOptions {
  readonly directory: Directory;
  readonly metrics: GatewayMetrics;
  readonly receive: (webhook: Webhook) => Promise<Answer>;
  /** Of an app that serves many accounts. */
  readonly receiveForApp: (webhook: AppWebhook) => Promise<Answer>;
  /** Called with an error nobody expected; the platform gets 503 and sends again, the service ends. */
  readonly onSurprise: (error: unknown) => void;
}

/** Registers the routes in a scope of their own: the parsers of other services on the same server are not touched. */
export async function registerHookRoutes(app: FastifyInstance, options: RouteOptions): Promise<void> {
  const { directory, metrics, receive, receiveForApp, onSurprise } = options;
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => done(null, body));

    // Counted where the answer is given: a hook after the response listens to the stream of every response, for the same number.
    const answer = (request: FastifyRequest, reply: FastifyReply, status: number, text: string): FastifyReply => {
      metrics.webhook(providerLabel(request), status);
      return reply.code(status).type('text/plain').send(text);
    };

    scope.addHook('onRequest', (request, reply, done) => {
      // Signatures are over the bytes sent; an unpacked body has no limit that can be known beforehand. No messenger compresses.
      const encoding = request.headers['content-encoding'];
      if (encoding === undefined || encoding.toLowerCase() === 'identity') done();
      else answer(request, reply, 415, 'content-encoding is not supported\n');
    });
    scope.setErrorHandler((error, request, reply) => {
      const status = statusOf(error);
      if (status === undefined) {
        onSurprise(error);
        return answer(request, reply, 503, 'cannot be stored now; send it again\n');
      }
      const text = status === 413 ? `the body is larger than ${MAX_BODY_BYTES} bytes\n` : 'the request cannot be read\n';
      return answer(request, reply, status, text);
    });

    /** A post on both ways: a plain one is answered before Fastify looks at its body, every other one after Fastify has read it. */
    const takePosts = <P extends AppParams>(url: string, take: (params: P, request: ReceivedRequest) => Promise<Answer>): void => {
      // The reply is sent and not returned: a promise that gives a reply waits for it once more.
      const answerPost = async (request: FastifyRequest, reply: FastifyReply, body: Buffer): Promise<void> => {
        // The parameters that `url` names.
        const { status, text } = await take(request.params as P, received(request, body));
        answer(request, reply, status, text);
      };
      const onRequest = plainPosts(PLAIN_TYPES, MAX_BODY_BYTES, answerPost);
      scope.post(url, { bodyLimit: MAX_BODY_BYTES, onRequest }, (request, reply) =>
        answerPost(request, reply, Buffer.isBuffer(request.body) ? request.body : NO_BODY),
      );
    };

    takePosts<HookParams>('/hooks/:provider/:workspace/:account', ({ provider, workspace, account }, { body, url, header }) =>
      receive({ provider, workspace, account, body, url, header }),
    );
    takePosts<AppParams>('/hooks/:provider', ({ provider }, { body, url, header }) => receiveForApp({ provider, body, url, header }));

    scope.get<{ Params: AppParams }>('/hooks/:provider', async (request, reply) => {
      const { status, text } = verifyApp(request.params.provider, request.query, directory);
      if (status === 403) metrics.signatureFailure(providerLabel(request));
      return answer(request, reply.header('x-content-type-options', 'nosniff'), status, text);
    });

    scope.get<{ Params: HookParams }>('/hooks/:provider/:workspace/:account', async (request, reply) => {
      const { status, text } = verifySubscription(request.params, request.query, received(request, NO_BODY), directory);
      if (status === 403 || status === 401) metrics.signatureFailure(providerLabel(request));
      if (status === 405) reply.header('allow', 'POST');
      return answer(request, reply.header('x-content-type-options', 'nosniff'), status, text);
    });
  });
}

function received(request: FastifyRequest, body: Buffer): ReceivedRequest {
  const { raw } = request;
  return {
    body,
    url: request.url,
    header(name) {
      const value = raw.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** The verify token of any account answers for the app they share. */
function verifyApp(name: string, query: unknown, directory: Directory): VerificationAnswer {
  const provider = providerOf(name);
  if (provider?.verify === undefined || provider.proofKey === undefined) return { status: 404, text: 'unknown address\n' };
  const read = (parameter: string) => queryText(query, parameter);
  const answers: readonly VerificationAnswer[] = [...directory.workspaces().values()].flatMap(({ accounts }) =>
    [...accounts.values()].filter((account) => account.provider === name).map((account) => provider.verify!(account, read)),
  );
  return answers.find(({ status }) => status === 200) ?? { status: 403, text: 'verify token missing or wrong\n' };
}

interface VerificationAnswer {
  readonly status: Verification['status'] | 401 | 404;
  readonly text: string;
}

function verifySubscription(params: HookParams, query: unknown, request: ReceivedRequest, directory: Directory): VerificationAnswer {
  const provider = providerOf(params.provider);
  if (provider === undefined) return { status: 404, text: 'unknown provider\n' };
  if (provider.isProbed === true) return answerProbe(provider, params, request, directory);
  if (provider.verify === undefined) return { status: 405, text: `${provider.name} has no verification request\n` };
  const workspace = directory.workspace(params.workspace);
  const account = workspace?.accounts.get(params.account);
  if (workspace !== undefined && account?.provider === provider.name) return provider.verify(account, (name) => queryText(query, name));
  // Compared for unknown accounts as well: the time of the answer tells nothing the answer does not.
  isSameSecret('', undefined);
  return { status: 404, text: workspace === undefined ? 'unknown workspace\n' : 'unknown account\n' };
}

function answerProbe(provider: Provider, params: HookParams, request: ReceivedRequest, directory: Directory): VerificationAnswer {
  const workspace = directory.workspace(params.workspace);
  const account = workspace?.accounts.get(params.account);
  if (account?.provider !== provider.name)
    return { status: 404, text: workspace === undefined ? 'unknown workspace\n' : 'unknown account\n' };
  return provider.isAuthentic(account, request) ? { status: 200, text: 'ok\n' } : { status: 401, text: 'the token is missing or wrong\n' };
}

/** A repeated parameter is no text. */
function queryText(query: unknown, name: string): string | undefined {
  if (typeof query !== 'object' || query === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(query, name)?.value;
  return typeof value === 'string' ? value : undefined;
}

function providerLabel(request: FastifyRequest): string {
  const { params } = request;
  const provider = typeof params === 'object' && params !== null && 'provider' in params ? params.provider : undefined;
  return typeof provider === 'string' && providerOf(provider) !== undefined ? provider : 'other';
}

/** Errors the HTTP layer makes of a request carry a 4xx; everything else is a surprise. */
function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

export function directoryOf(current: () => ReadonlyMap<string, Workspace>): Directory {
  return { workspace: (name) => current().get(name), workspaces: current };
}
