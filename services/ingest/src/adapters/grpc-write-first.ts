import { type ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { MessengerClient, type SendRequest, type SendResponse } from '@messtrack/proto/gen/messtrack/v1/messenger_service.ts';
import { readErrorInfo } from '@messtrack/runtime/grpc-error-info.ts';
import type { Logger } from 'pino';
import type { WriteFirst, WriteFirstAnswer } from '../ports.ts';
import { refusedAnswer, toSendRequest, toWriteFirstAnswer } from './send-request.ts';

/** Longer than the gateway itself waits for the provider. */
const DEADLINE_MS = 12_000;

/** The Messenger service of the gateway, called with the first API token of the workspace. */
export function grpcWriteFirst(address: string, credentials: ChannelCredentials, log: Logger): WriteFirst & { close(): void } {
  const client = new MessengerClient(address, credentials);

  function call(request: SendRequest, token: string): Promise<SendResponse> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    return new Promise((resolve, reject) => {
      client.send(request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
  }

  return {
    async send(request): Promise<WriteFirstAnswer> {
      const token = request.workspace.apiTokens[0];
      if (token === undefined) {
        log.warn({ workspace: request.workspace.name }, 'nobody can be written to first: the workspace has no api_tokens for the call');
        return refusedAnswer('not_configured', undefined);
      }
      try {
        return toWriteFirstAnswer(await call(toSendRequest(request), token.reveal()));
      } catch (error) {
        const refused = error as ServiceError;
        const info = readErrorInfo(refused.metadata);
        if (info !== undefined) return refusedAnswer(info.reason, info.metadata['retry_after_ms']);
        const { code } = refused;
        const isAway = code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.CANCELLED;
        // The text of the error may quote the request.
        if (!isAway) log.error({ code, workspace: request.workspace.name }, 'the gateway did not take a message of the send-back form');
        return refusedAnswer(isAway ? 'unreachable' : 'call_failed', '5000');
      }
    },
    close: () => client.close(),
  };
}
