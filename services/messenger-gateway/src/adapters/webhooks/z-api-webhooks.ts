/**
 * Z-API: `GET …/me` (what is set, and whether the phone is connected), `PUT …/update-webhook-received` and `…/update-webhook-message-status` with `{value}`. Sources: developer.z-api.io/en/instance/me,
 * …/webhooks/on-message-received, …/on-whatsapp-message-status-changes. The token is part of the address, so nothing of it may be logged. Not verified: names in the answer of `me`
 * (`receivedCallbackUrl`, `messageStatusCallbackUrl`, `connected`); where they are missing the webhooks are told again.
 */
import type { ZApiAccount } from '@messtrack/workspace/accounts/z-api-account.ts';
import { isObject, stringAt } from '../json-value.ts';
import type { CallRequest } from '../provider-call.ts';
import { under } from '../senders/api-address.ts';
import { addressed, doneOf, inOrder, readAnswer, type WebhookPorts, type WebhookSetup, withToken } from './webhook-setup.ts';

const METHODS = ['update-webhook-received', 'update-webhook-message-status'];

function request(account: ZApiAccount, method: string, urls: WebhookPorts['urls']): CallRequest {
  const token = encodeURIComponent(account.instanceToken?.reveal() ?? '');
  const url = under(urls.zApi, `instances/${encodeURIComponent(account.instanceId)}/token/${token}/${method}`);
  const headers: Readonly<Record<string, string>> =
    account.clientToken === undefined ? {} : { 'client-token': account.clientToken.reveal() };
  return { method: 'GET', url, headers, body: '' };
}

export const zApiWebhooks: WebhookSetup<ZApiAccount> = {
  provider: 'z-api',
  check: 'webhook',
  needs: ['instance_token'],
  canAsk: (account) => account.instanceToken !== undefined,
  addressOf: (account, url) => withToken(url, account.webhookToken.reveal()),
  async look(account, isOurs, { call, urls }) {
    const read = readAnswer(await call(request(account, 'me', urls)));
    if (read.kind !== 'body') return read;
    const source = isObject(read.body) ? read.body : {};
    const received = stringAt(source, 'receivedCallbackUrl', 2048);
    const connected = source['connected'];
    return {
      kind: 'hook',
      hook: {
        ...addressed(received, isOurs),
        lacks: received !== '' && stringAt(source, 'messageStatusCallbackUrl', 2048) !== received ? ['statuses go elsewhere'] : [],
        device: typeof connected === 'boolean' ? { isGood: connected, state: connected ? 'connected' : 'disconnected' } : undefined,
        source,
      },
    };
  },
  put(account, url, _hook, { call, urls }) {
    const steps = METHODS.map((method) => async () => {
      const asked = request(account, method, urls);
      const headers = { ...asked.headers, 'content-type': 'application/json' };
      return doneOf(await call({ ...asked, method: 'PUT', headers, body: JSON.stringify({ value: url }) }));
    });
    return inOrder(steps);
  },
};
