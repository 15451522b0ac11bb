/**
 * Asks the providers how our accounts are: whether the token is still accepted, what the rating of the number is, whether the webhook is set. A webhook that is lost
 * sends nothing, and nothing is what nobody notices.
 * Sources: Meta, Graph API, phone number node (`quality_rating`: GREEN, YELLOW, RED, UNKNOWN); Telegram Bot API, getWebhookInfo.
 */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { AccountMetrics } from '../metrics.ts';
import { isObject, objectAt, stringAt } from './json-value.ts';
import type { CallAnswer, ProviderCall } from './provider-call.ts';
import type { ProviderUrls } from './senders/provider-urls.ts';

export interface AccountChecksOptions {
  readonly workspaces: () => ReadonlyMap<string, Workspace>;
  readonly call: ProviderCall;
  readonly urls: ProviderUrls;
  readonly metrics: AccountMetrics;
  readonly clock: () => number;
  /** Pause between two rounds. Milliseconds. */
  readonly everyMs: number;
}

/** Errors of the webhook count while they are younger than this. */
const RECENT_ERROR_MS = 3_600_000;

export function startAccountChecks(options: AccountChecksOptions): { close(): void } {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function round(): Promise<void> {
    for (const workspace of options.workspaces().values()) {
      for (const account of workspace.accounts.values()) {
        if (isClosed) return;
        for (const { check, isGood } of await checkAccount(account, options))
          options.metrics.check(workspace.name, account.name, check, isGood);
      }
    }
    if (!isClosed) timer = setTimeout(() => void round(), options.everyMs).unref();
  }

  // Not at the start: a process that begins again and again would ask again and again.
  timer = setTimeout(() => void round(), Math.min(options.everyMs, 30_000)).unref();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

export interface CheckResult {
  readonly check: 'token' | 'quality' | 'webhook';
  readonly isGood: boolean;
}

/** Nothing for accounts that cannot be asked, and for answers that say nothing: a provider that is away has not judged anybody. */
export async function checkAccount(
  account: Account,
  { call, urls, clock }: Pick<AccountChecksOptions, 'call' | 'urls' | 'clock'>,
): Promise<readonly CheckResult[]> {
  if (account.provider === 'whatsapp' && account.accessToken !== undefined) {
    const path = `${urls.whatsapp.pathname.replace(/\/$/, '')}/${encodeURIComponent(account.phoneNumberId)}?fields=quality_rating,status`;
    const headers = { authorization: `Bearer ${account.accessToken.reveal()}` };
    return readGraphNode(await call({ method: 'GET', url: new URL(path, urls.whatsapp), headers, body: '' }));
  }
  if (account.provider === 'telegram' && account.botToken !== undefined) {
    const path = `${urls.telegram.pathname.replace(/\/$/, '')}/bot${account.botToken.reveal()}/getWebhookInfo`;
    const answer = await call({ method: 'GET', url: new URL(path, urls.telegram), headers: {}, body: '' });
    return readWebhookInfo(answer, account.updates === 'polling', clock());
  }
  return [];
}

function readGraphNode(answer: CallAnswer): readonly CheckResult[] {
  if (answer.kind !== 'answered' || !isObject(answer.body)) return [];
  const error = objectAt(answer.body, 'error');
  if (error !== undefined) return error['code'] === 190 || answer.status === 401 ? [{ check: 'token', isGood: false }] : [];
  return [
    { check: 'token', isGood: true },
    { check: 'quality', isGood: stringAt(answer.body, 'quality_rating') !== 'RED' },
  ];
}

function readWebhookInfo(answer: CallAnswer, isPolled: boolean, nowMs: number): readonly CheckResult[] {
  if (answer.kind !== 'answered' || !isObject(answer.body)) return [];
  if (answer.body['ok'] !== true) return answer.status === 401 || answer.status === 404 ? [{ check: 'token', isGood: false }] : [];
  const info = objectAt(answer.body, 'result');
  const errorAt = info?.['last_error_date'];
  const hasFailed = typeof errorAt === 'number' && errorAt * 1_000 > nowMs - RECENT_ERROR_MS;
  const isSet = stringAt(info, 'url') !== '';
  return [{ check: 'token', isGood: true }, ...(isPolled ? [] : [{ check: 'webhook' as const, isGood: isSet && !hasFailed }])];
}
