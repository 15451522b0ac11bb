import { type Metadata, status } from '@grpc/grpc-js';
import {
  type GetSendRequest,
  type GetSendResponse,
  MessengerService,
  type SendRequest,
  type SendResponse,
  SendResponse_State,
} from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { type SendEnded, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { BusUnavailableError, type Producer, RecordTooLargeError } from '@messtrack/runtime/bus.ts';
import { bearerToken, GrpcRefusal, type GrpcService, unary } from '@messtrack/runtime/grpc.ts';
import { errorInfoTrailers } from '@messtrack/runtime/grpc-error-info.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { tokenOwners } from '@messtrack/workspace/token-owners.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Logger } from 'pino';
import type { Channel } from '../domain/inbound.ts';
import { readReason, type SendReason } from '../domain/send-reason.ts';
import type { OutboundAnswers } from './outbound-answers.ts';
import { contentOf, newId, type OutboundKind, outboundRecord, type SendName } from './outbound-records.ts';
import type { SenderOf } from './senders/senders.ts';

export interface MessengerParts {
  readonly workspaces: () => ReadonlyMap<string, Workspace>;
  readonly senderOf: SenderOf;
  readonly producer: Producer;
  readonly answers: OutboundAnswers;
  readonly clock: () => number;
  readonly log: Logger;
}

const DEFAULT_ANSWER_MS = 10_000;
const MAX_ANSWER_MS = 60_000;
const MAX_WAIT_MS = 86_400_000;
const MAX_PARAMETERS = 64;
const MAX_PARAMETER = 1_024;
const KEY = /^[\x21-\x7e][\x20-\x7e]{0,127}$/;

export interface MessengerSide {
  /** The Messenger service of messenger_service.proto, for runtime/grpc.ts to serve. */
  readonly service: GrpcService;
  /**
   * Send for whoever runs in this process and needs no token.
   *
   * @throws GrpcRefusal as the service refuses
   */
  readonly send: (request: SendRequest) => Promise<SendResponse>;
}

export function createMessenger({ workspaces, senderOf, producer, answers, clock, log }: MessengerParts): MessengerSide {
  function authorise(workspace: string, metadata: Metadata): Workspace {
    const token = bearerToken(metadata);
    const owners = token === undefined ? [] : tokenOwners(workspaces(), token);
    if (owners.length === 0)
      throw new GrpcRefusal(status.UNAUTHENTICATED, 'an API token of a workspace is required: authorization: Bearer TOKEN');
    const found = workspaces().get(workspace);
    if (!owners.includes(workspace) || found === undefined)
      throw new GrpcRefusal(status.PERMISSION_DENIED, 'the token belongs to another workspace');
    return found;
  }

  function accountOf(workspace: Workspace, name: string): Account {
    const account = workspace.accounts.get(name);
    if (account === undefined) throw new GrpcRefusal(status.INVALID_ARGUMENT, 'account: this workspace has no account of this name');
    return account;
  }

  /** What stands in the request and can be judged without anybody else. */
  function check(request: SendRequest, account: Account, workspace: Workspace): void {
    const problems: string[] = [];
    const content = contentOf(request);
    const sender = senderOf(account);
    if (!KEY.test(request.idempotencyKey))
      problems.push('idempotency_key must be 1 to 128 printable ASCII characters that do not begin with a space');
    if (request.maxWaitMs > MAX_WAIT_MS) problems.push(`max_wait_ms must be at most ${MAX_WAIT_MS}`);
    if (request.answerWithinMs > MAX_ANSWER_MS) problems.push(`answer_within_ms must be at most ${MAX_ANSWER_MS}`);
    if (request.optIn !== undefined) problems.push(...optInProblems(request.optIn, clock()));
    if (content === undefined) problems.push('one of text and template must be set');
    if (sender !== undefined && sender.identifiersOf(request.recipient, account) === undefined)
      problems.push(`recipient is none that ${account.provider} knows: ${RECIPIENTS[account.channel]}`);
    if (content?.kind === 'template') problems.push(...templateProblems(content));
    if (problems.length > 0) throw new GrpcRefusal(status.INVALID_ARGUMENT, problems.join('; '));
    if (sender === undefined) throw refusal('unsupported', `messages cannot be sent through ${account.provider}`);
    if (!sender.canSend(account, workspace))
      throw refusal('not_configured', 'the account has no credentials for sending in the workspace file');
    const { hasTemplates, maxTextLength, maxTextBytes } = sender.rulesOf(account);
    if (content?.kind === 'template' && !hasTemplates) throw refusal('unsupported', `${account.provider} has no templates`);
    if (content?.kind === 'text' && (content.text.length === 0 || content.text.length > maxTextLength))
      throw refusal('content_refused', `text must have 1 to ${maxTextLength} characters`);
    if (content?.kind === 'text' && maxTextBytes !== undefined && Buffer.byteLength(content.text) > maxTextBytes)
      throw refusal('content_refused', `text must have at most ${maxTextBytes} bytes of UTF-8`);
  }

  async function exchange(name: SendName, askId: string, kind: OutboundKind, answerWithinMs: number): Promise<SendResponse> {
    const answered = await askAndWait(name, askId, kind, answerWithinMs === 0 ? DEFAULT_ANSWER_MS : answerWithinMs);
    if (answered === undefined) return { messageId: '', state: SendResponse_State.STATE_QUEUED };
    return toResponse(answered, clock());
  }

  async function askAndWait(name: SendName, askId: string, kind: OutboundKind, waitMs: number): Promise<SendEnded | undefined> {
    try {
      const [position] = await producer.send([outboundRecord(name, clock(), kind)]);
      return position === undefined ? undefined : await answers.wait(name, askId, position, waitMs);
    } catch (error) {
      if (error instanceof BusUnavailableError)
        throw new GrpcRefusal(status.UNAVAILABLE, 'the request could not be stored now, nothing is sent; repeat it with the same key');
      if (error instanceof RecordTooLargeError) throw refusal('content_refused', 'the request is too large');
      throw error;
    }
  }

  async function send(workspace: Workspace, request: SendRequest): Promise<SendResponse> {
    const account = accountOf(workspace, request.account);
    check(request, account, workspace);
    const askId = newId();
    const name = { workspace: workspace.name, account: account.name, key: request.idempotencyKey };
    return exchange(name, askId, { $case: 'asked', value: { askId, request } }, request.answerWithinMs);
  }

  const service: GrpcService = {
    definition: MessengerService,
    implementation: {
      send: unary<SendRequest, SendResponse>(log, 'Messenger/Send', async (request, metadata) =>
        send(authorise(request.workspace, metadata), request),
      ),
      getSend: unary<GetSendRequest, GetSendResponse>(log, 'Messenger/GetSend', async (request, metadata) => {
        const account = accountOf(authorise(request.workspace, metadata), request.account);
        if (!KEY.test(request.idempotencyKey))
          throw new GrpcRefusal(status.INVALID_ARGUMENT, 'idempotency_key must be 1 to 128 printable ASCII characters');
        const askId = newId();
        const name = { workspace: request.workspace, account: account.name, key: request.idempotencyKey };
        return exchange(name, askId, { $case: 'queried', value: { askId } }, DEFAULT_ANSWER_MS);
      }),
    },
  };
  return {
    service,
    async send(request) {
      const workspace = workspaces().get(request.workspace);
      if (workspace === undefined) throw new GrpcRefusal(status.NOT_FOUND, 'there is no such workspace');
      return send(workspace, request);
    },
  };
}

const RECIPIENTS: Readonly<Record<Channel, string>> = {
  whatsapp: 'a number in E.164 such as +14155550100, or, where the provider takes it, a business-scoped user id',
  telegram: 'the decimal id of a private chat',
  messenger: 'a page-scoped id',
  instagram: 'an Instagram-scoped id',
  vk: 'the decimal id of a user',
  max: 'the decimal id of a user',
};

function optInProblems({ atMs, where }: NonNullable<SendRequest['optIn']>, nowMs: number): string[] {
  const problems: string[] = [];
  if (atMs <= 0 || atMs > nowMs + 300_000) problems.push('opt_in.at_ms must be a time that is past');
  if (where.length === 0 || where.length > 128) problems.push('opt_in.where must have 1 to 128 characters');
  return problems;
}

function templateProblems({
  name,
  language,
  parameters,
}: {
  readonly name: string;
  readonly language: string;
  readonly parameters: readonly string[];
}): string[] {
  const problems: string[] = [];
  if (name.length === 0 || name.length > 512) problems.push('template.name must have 1 to 512 characters');
  if (!/^[a-z]{2,3}(_[A-Z]{2,4})?$/.test(language)) problems.push('template.language must be a code such as "en_US"');
  if (parameters.length > MAX_PARAMETERS) problems.push(`template.body_parameters must be at most ${MAX_PARAMETERS}`);
  if (parameters.some((value) => value.length === 0 || value.length > MAX_PARAMETER))
    problems.push(`each of template.body_parameters must have 1 to ${MAX_PARAMETER} characters`);
  return problems;
}

function toResponse(answered: SendEnded, nowMs: number): SendResponse {
  switch (answered.result) {
    case SendEnded_Result.RESULT_SENT:
      return { messageId: answered.messageId, state: SendResponse_State.STATE_SENT };
    case SendEnded_Result.RESULT_NONE:
      throw new GrpcRefusal(status.NOT_FOUND, 'no message was sent with this key, or it was more than three days ago');
    case SendEnded_Result.RESULT_FAILED:
    case SendEnded_Result.RESULT_UNCONFIRMED: {
      const reason = readReason(answered.reason);
      const retryAfterMs = Math.max(0, answered.retryAtMs - nowMs);
      throw refusal(reason, SENTENCES[reason], {
        ...(answered.providerCode === '' ? {} : { provider_code: answered.providerCode }),
        ...(answered.retryAtMs === 0 ? {} : { retry_after_ms: String(retryAfterMs) }),
      });
    }
    case SendEnded_Result.RESULT_QUEUED:
    case SendEnded_Result.RESULT_DEFERRED:
    case SendEnded_Result.RESULT_UNSPECIFIED:
    case SendEnded_Result.UNRECOGNIZED:
      return { messageId: '', state: SendResponse_State.STATE_QUEUED };
  }
}

function refusal(reason: SendReason, message: string, details: Readonly<Record<string, string>> = {}): GrpcRefusal {
  const code = STATUS[reason];
  return new GrpcRefusal(code, message, errorInfoTrailers(code, message, reason, details));
}

const STATUS: Readonly<Record<SendReason, status>> = {
  not_opted_in: status.FAILED_PRECONDITION,
  outside_window: status.FAILED_PRECONDITION,
  template_paused: status.FAILED_PRECONDITION,
  template_refused: status.FAILED_PRECONDITION,
  not_configured: status.FAILED_PRECONDITION,
  credentials_refused: status.FAILED_PRECONDITION,
  rate_limited: status.RESOURCE_EXHAUSTED,
  recipient_unknown: status.NOT_FOUND,
  unsupported: status.UNIMPLEMENTED,
  content_refused: status.INVALID_ARGUMENT,
  key_reused: status.INVALID_ARGUMENT,
  provider_unavailable: status.UNAVAILABLE,
  provider_refused: status.ABORTED,
  unconfirmed: status.UNKNOWN,
};

const SENTENCES: Readonly<Record<SendReason, string>> = {
  not_opted_in: 'the person has not agreed to be written to, took it back, or blocked the account',
  outside_window: 'the last message of the person is more than 24 h old; send an approved template where the provider has them',
  template_paused: 'the template is paused or disabled for its quality',
  template_refused: 'there is no such approved template in this language, or its parameters do not fit',
  not_configured: 'the account has no credentials for sending in the workspace file',
  credentials_refused: 'the provider does not accept the credentials of the account',
  rate_limited: 'the limits of the provider would make the message wait longer than it may',
  recipient_unknown: 'nobody has this number or id at the provider',
  unsupported: 'the provider of the account cannot send this kind of message',
  content_refused: 'the provider does not take this content',
  key_reused: 'the idempotency key has been used for another message',
  provider_unavailable: 'the provider could not be reached; the message was not sent',
  provider_refused: 'the provider refused the message; it was not sent',
  unconfirmed: 'the provider got the message and did not answer; it may have been sent and is not sent again',
};
