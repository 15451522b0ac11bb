import type { ApiAnswer, TelegramApi } from '@messtrack/messenger-gateway/adapters/telegram-api.ts';

const TIMEOUT_MS = 15_000;

/** The result, or in words why there is none. Waits once where Telegram asks to. */
export async function callBot(
  api: TelegramApi,
  method: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly result: unknown } | { readonly problem: string }> {
  let answer = await api.call(method, parameters, { timeoutMs: TIMEOUT_MS });
  if (answer.kind === 'refused' && answer.retryAfterMs !== undefined && answer.retryAfterMs <= 60_000) {
    await new Promise((resolve) => setTimeout(resolve, answer.kind === 'refused' ? answer.retryAfterMs : 0));
    answer = await api.call(method, parameters, { timeoutMs: TIMEOUT_MS });
  }
  return answer.kind === 'ok' ? { result: answer.result } : { problem: `${method}: ${inWords(answer)}` };
}

function inWords(answer: Exclude<ApiAnswer, { kind: 'ok' }>): string {
  if (answer.kind === 'unreachable') return `Telegram cannot be reached (${answer.reason})`;
  const hint = answer.code === 401 || answer.code === 404 ? '; the token is wrong or was taken back' : '';
  return `Telegram refuses (${answer.code} ${answer.description})${hint}`;
}
