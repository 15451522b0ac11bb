/**
 * What each provider can be asked about an account, and what its answers mean.
 * Sources: Meta, Graph API v24: phone number node (`quality_rating`, `status`, `whatsapp_business_manager_messaging_limit` since portfolios share their limit), `GET /{waba-id}/subscribed_apps`,
 * `GET /{page-id}/subscribed_apps`, `GET /debug_token` (`is_valid`, `expires_at`, 0 for never, `scopes`; asked with the token of the app, `{app id}|{app secret}`);
 * Telegram Bot API, getWebhookInfo and getBusinessConnection. All others: the files of ./webhooks, which know the same calls for setting.
 */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { TelegramBusinessAccount } from '@messtrack/workspace/accounts/telegram-business-account.ts';
import type { WhatsAppAccount } from '@messtrack/workspace/accounts/whatsapp-account.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { CheckName, CheckResult } from './account-check-record.ts';
import { flagAt, idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from './json-value.ts';
import type { CallAnswer, ProviderCall } from './provider-call.ts';
import { under } from './senders/api-address.ts';
import type { ProviderUrls } from './senders/provider-urls.ts';
import { effectiveAddress } from './webhooks/meta-webhooks.ts';
import { webhookSetupOf } from './webhooks/webhook-setups.ts';

export interface AskPorts {
  readonly call: ProviderCall;
  readonly urls: ProviderUrls;
  readonly clock: () => number;
}

/** Errors of the webhook count while they are younger than this. */
const RECENT_ERROR_MS = 3_600_000;
/** A token that ends within this is somebody's task already. */
export const EXPIRY_NOTICE_MS = 7 * 86_400_000;

/** Nothing for accounts that cannot be asked, and for answers that say nothing: a provider that is away has not judged anybody. */
export async function checkAccount(account: Account, workspace: Workspace, ports: AskPorts): Promise<readonly CheckResult[]> {
  switch (account.provider) {
    case 'whatsapp':
      return account.accessToken === undefined ? [] : askWhatsApp(account, account.accessToken.reveal(), ports);
    case 'messenger':
      return account.accessToken === undefined
        ? []
        : readSubscription(
            await graph(ports.urls.messenger, `${account.pageId}/subscribed_apps`, account.accessToken.reveal(), ports),
            undefined,
          );
    case 'telegram':
      return account.botToken === undefined
        ? []
        : readWebhookInfo(await bot(account.botToken.reveal(), 'getWebhookInfo', ports), account.updates === 'polling', ports.clock());
    case 'telegram-business':
      return askConnection(account, workspace, ports);
    default:
      return askWebhook(account, ports);
  }
}

/** Any address with this path is one of ours: a proxy may have put something before it, and one address may serve several accounts. */
function isHookOf(account: Account): (url: string) => boolean {
  return (url) => URL.parse(url)?.pathname.includes(`/hooks/${account.provider}`) === true;
}

/** What can be set by a call can be looked at by one. A provider that tells nothing, or is away, says nothing of the account. */
async function askWebhook(account: Account, ports: AskPorts): Promise<readonly CheckResult[]> {
  const setup = webhookSetupOf(account);
  if (setup?.look === undefined || !setup.canAsk(account)) return [];
  const look = await setup.look(account, isHookOf(account), ports);
  switch (look.kind) {
    case 'refused':
      return [result('token', false, look.code)];
    case 'unclear':
      return [];
    case 'hook': {
      const { isSet, elsewhere, lacks, device } = look.hook;
      const detail = isSet ? lacks.join(', ') : elsewhere.length > 0 ? 'elsewhere' : 'not set';
      return [
        result('token', true),
        result(setup.check, isSet && lacks.length === 0, detail),
        ...(device === undefined ? [] : [result('device', device.isGood, device.state)]),
      ];
    }
  }
}

function graph(base: URL, path: string, token: string, { call }: AskPorts): Promise<CallAnswer> {
  return call({ method: 'GET', url: under(base, path), headers: { authorization: `Bearer ${token}` }, body: '' });
}

function bot(token: string, method: string, { call, urls }: AskPorts): Promise<CallAnswer> {
  return call({ method: 'GET', url: under(urls.telegram, `bot${token}/${method}`), headers: {}, body: '' });
}

async function askWhatsApp(account: WhatsAppAccount, token: string, ports: AskPorts): Promise<readonly CheckResult[]> {
  const base = ports.urls.whatsapp;
  const number = encodeURIComponent(account.phoneNumberId);
  const results = [...readNumber(await graph(base, `${number}?fields=quality_rating,status,webhook_configuration`, token, ports), account)];
  // A token that is refused is refused everywhere: three more calls would say the same.
  if (results.some(({ check, isGood }) => check === 'token' && !isGood)) return results;
  results.push(...readLimit(await graph(base, `${number}?fields=whatsapp_business_manager_messaging_limit`, token, ports)));
  if (account.wabaId !== undefined)
    results.push(...readSubscription(await graph(base, `${account.wabaId}/subscribed_apps`, token, ports), account.appId));
  if (account.appId !== undefined) {
    const appToken = `${account.appId}|${account.appSecret.reveal()}`;
    const path = `debug_token?input_token=${encodeURIComponent(token)}`;
    results.push(...readTokenInfo(await graph(base, path, appToken, ports), ports.clock()));
  }
  return results;
}

function result(check: CheckName, isGood: boolean, detail = '', value = 0): CheckResult {
  return { check, isGood, detail: detail.slice(0, 64), value };
}

/** Undefined when the answer says nothing. */
function nodeOf(answer: CallAnswer): JsonObject | 'refused_token' | undefined {
  if (answer.kind !== 'answered' || !isObject(answer.body)) return undefined;
  const error = objectAt(answer.body, 'error');
  if (error === undefined) return answer.status >= 200 && answer.status < 300 ? answer.body : undefined;
  return error['code'] === 190 || answer.status === 401 ? 'refused_token' : undefined;
}

function readNumber(answer: CallAnswer, account: Account): readonly CheckResult[] {
  const node = nodeOf(answer);
  if (node === undefined) return [];
  if (node === 'refused_token') return [result('token', false, '190')];
  const rating = stringAt(node, 'quality_rating', 64);
  const status = stringAt(node, 'status', 64);
  const results = [result('token', true), result('quality', rating !== 'RED', rating)];
  if (status !== '') results.push(result('number', status === 'CONNECTED', status));
  // Only where it is told: an app's own address is not shown to every token.
  const address = effectiveAddress(node);
  if (address !== '') results.push(result('webhook', isHookOf(account)(address), isHookOf(account)(address) ? '' : 'elsewhere'));
  return results;
}

/** `TIER_250`, `TIER_1K`, `TIER_100K`, `TIER_UNLIMITED`: people who may be written to first within 24 hours, over all numbers of the portfolio. */
function readLimit(answer: CallAnswer): readonly CheckResult[] {
  const node = nodeOf(answer);
  const tier = node === undefined || node === 'refused_token' ? '' : stringAt(node, 'whatsapp_business_manager_messaging_limit', 64);
  const match = /^TIER_(?:(\d{1,6})(K?)|UNLIMITED)$/.exec(tier);
  if (match === null) return [];
  const people = match[1] === undefined ? -1 : Number(match[1]) * (match[2] === 'K' ? 1_000 : 1);
  return [result('messaging_limit', true, tier, people)];
}

/** Our app is in the list, where we know which it is; else some app is. Pages name fields too: without `messages` nothing arrives. */
function readSubscription(answer: CallAnswer, appId: string | undefined): readonly CheckResult[] {
  const node = nodeOf(answer);
  if (node === 'refused_token') return [result('token', false, '190')];
  const apps = node === undefined ? undefined : listAt(node, 'data');
  if (apps === undefined) return [];
  const hasOurs = apps.filter(isObject).some((app) => {
    const id = idAt(objectAt(app, 'whatsapp_business_api_data') ?? app, 'id', 64);
    const fields = listAt(app, 'subscribed_fields');
    return (appId === undefined || id === appId) && (fields === undefined || fields.some((field) => fieldName(field) === 'messages'));
  });
  return [result('subscription', hasOurs, `${apps.length} apps`)];
}

function fieldName(field: unknown): string {
  return typeof field === 'string' ? field : stringAt(isObject(field) ? field : undefined, 'name', 64);
}

function readTokenInfo(answer: CallAnswer, nowMs: number): readonly CheckResult[] {
  const node = nodeOf(answer);
  // Here a refusal is about the token of the app that asks, not about the one that is asked about.
  const data = node === undefined || node === 'refused_token' ? undefined : objectAt(node, 'data');
  if (data === undefined || typeof data['is_valid'] !== 'boolean') return [];
  const code = idAt(objectAt(data, 'error'), 'code', 32) ?? '';
  const scopes = listAt(data, 'scopes');
  const maySend = scopes === undefined || scopes.includes('whatsapp_business_messaging');
  const results = [result('token', data['is_valid'] && maySend, maySend ? code : 'no whatsapp_business_messaging')];
  const ends = ['expires_at', 'data_access_expires_at']
    .map((key) => data[key])
    .filter((value): value is number => typeof value === 'number' && value > 0);
  const endsAtMs = ends.length === 0 ? 0 : Math.min(...ends) * 1_000;
  if (typeof data['expires_at'] === 'number')
    results.push(result('token_expiry', endsAtMs === 0 || endsAtMs > nowMs + EXPIRY_NOTICE_MS, '', endsAtMs));
  return results;
}

function readWebhookInfo(answer: CallAnswer, isPolled: boolean, nowMs: number): readonly CheckResult[] {
  if (answer.kind !== 'answered' || !isObject(answer.body)) return [];
  if (answer.body['ok'] !== true)
    return answer.status === 401 || answer.status === 404 ? [result('token', false, String(answer.status))] : [];
  const info = objectAt(answer.body, 'result');
  const errorAt = info?.['last_error_date'];
  const hasFailed = typeof errorAt === 'number' && errorAt * 1_000 > nowMs - RECENT_ERROR_MS;
  const isSet = stringAt(info, 'url') !== '';
  const state = isSet ? (hasFailed ? 'failing' : '') : 'not set';
  return [result('token', true), ...(isPolled ? [] : [result('webhook', isSet && !hasFailed, state)])];
}

async function askConnection(account: TelegramBusinessAccount, workspace: Workspace, ports: AskPorts): Promise<readonly CheckResult[]> {
  const owner = workspace.accounts.get(account.bot);
  const token = owner?.provider === 'telegram' ? owner.botToken : undefined;
  if (token === undefined || account.connectionId === undefined) return [];
  const path = `getBusinessConnection?business_connection_id=${encodeURIComponent(account.connectionId)}`;
  const answer = await bot(token.reveal(), path, ports);
  if (answer.kind !== 'answered' || !isObject(answer.body)) return [];
  // 400 says that there is no such connection (any more).
  if (answer.body['ok'] === false && answer.status === 400) return [result('connection', false, 'ended')];
  const connection = objectAt(answer.body, 'result');
  if (connection === undefined) return [];
  const isEnabled = flagAt(connection, 'is_enabled');
  const mayReply = flagAt(objectAt(connection, 'rights') ?? connection, 'can_reply');
  return [result('connection', isEnabled && mayReply, isEnabled ? (mayReply ? '' : 'may not answer') : 'disabled')];
}
