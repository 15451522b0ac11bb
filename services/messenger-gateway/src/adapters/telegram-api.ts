/** Calls of the Bot API. The token is part of every address, so no error, log or answer of this file may hold an address or what fetch says of one. */
import { SECRET_MASK } from '@messtrack/runtime/secret.ts';
import type { Secret } from '@messtrack/workspace/workspace.ts';
import { flagAt, isObject, objectAt, stringAt } from './json-value.ts';

export const TELEGRAM_API_URL = 'https://api.telegram.org';

/** A hundred updates of the largest size Telegram sends stay far below; what is larger is not Telegram. */
const MAX_ANSWER_BYTES = 32_000_000;
const MAX_DESCRIPTION = 300;

export type ApiAnswer =
  | { readonly kind: 'ok'; readonly result: unknown }
  /** Telegram says no. `code` is that of the answer, the description is for people. */
  | { readonly kind: 'refused'; readonly code: number; readonly description: string; readonly retryAfterMs: number | undefined }
  /** No answer that could be read: nobody knows whether the call was carried out. */
  | { readonly kind: 'unreachable'; readonly reason: 'network' | 'timeout' | 'unreadable' | 'stopped' };

export interface CallOptions {
  /** Milliseconds until an answer must be complete. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TelegramApi {
  /** Never rejects. */
  call(method: string, parameters: Readonly<Record<string, unknown>>, options: CallOptions): Promise<ApiAnswer>;
}

export function telegramApi(token: Secret, baseUrl = TELEGRAM_API_URL): TelegramApi {
  return {
    async call(method, parameters, { timeoutMs, signal }) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const abort = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      let status: number;
      let text: string;
      try {
        const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/bot${token.reveal()}/${method}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(parameters),
          // An address with the token in it goes to the configured host and to no other.
          redirect: 'error',
          signal: abort,
        });
        status = response.status;
        const bytes = await readBounded(response);
        if (bytes === undefined) return { kind: 'unreachable', reason: 'unreadable' };
        text = bytes;
      } catch {
        // What fetch throws may hold the address; which of the three it was is told by the signals.
        if (signal?.aborted === true) return { kind: 'unreachable', reason: 'stopped' };
        return { kind: 'unreachable', reason: deadline.aborted ? 'timeout' : 'network' };
      }
      return readAnswer(text, status, token.reveal());
    },
  };
}

function readAnswer(text: string, status: number, token: string): ApiAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (isObject(body) && flagAt(body, 'ok') && status >= 200 && status < 300) return { kind: 'ok', result: body['result'] };
  if (isObject(body) && body['ok'] === false) {
    const code = body['error_code'];
    const retryAfter = objectAt(body, 'parameters')?.['retry_after'];
    return {
      kind: 'refused',
      code: typeof code === 'number' ? code : status,
      description: stringAt(body, 'description', MAX_DESCRIPTION).replaceAll(token, SECRET_MASK),
      retryAfterMs: typeof retryAfter === 'number' && retryAfter >= 0 ? retryAfter * 1000 : undefined,
    };
  }
  // A proxy in between answers in its own words; its status is all that can be trusted.
  if (status >= 400) return { kind: 'refused', code: status, description: '', retryAfterMs: undefined };
  return { kind: 'unreachable', reason: 'unreadable' };
}

/** Undefined when it is larger than any answer. */
async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
