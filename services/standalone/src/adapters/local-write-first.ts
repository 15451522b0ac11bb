import { refusedAnswer, toSendRequest, toWriteFirstAnswer } from '@messtrack/ingest/adapters/send-request.ts';
import type { WriteFirst } from '@messtrack/ingest/ports.ts';
import type { MessengerSide } from '@messtrack/messenger-gateway/adapters/grpc-messenger.ts';
import { GrpcRefusal } from '@messtrack/runtime/grpc.ts';
import { readErrorInfo } from '@messtrack/runtime/grpc-error-info.ts';
import type { Logger } from 'pino';

/** The gateway of this process: the same call without the network between. */
export function localWriteFirst(messenger: MessengerSide, log: Logger): WriteFirst {
  return {
    async send(request) {
      try {
        return toWriteFirstAnswer(await messenger.send(toSendRequest(request)));
      } catch (error) {
        if (!(error instanceof GrpcRefusal)) throw error;
        const info = readErrorInfo(error.trailers);
        if (info !== undefined) return refusedAnswer(info.reason, info.metadata['retry_after_ms']);
        log.error({ code: error.code, workspace: request.workspace.name }, 'the gateway did not take a message of the send-back form');
        return refusedAnswer('call_failed', undefined);
      }
    },
  };
}
