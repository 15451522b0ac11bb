/**
 * GREEN-API: `GET …/getSettings/{token}`, `POST …/setSettings/{token}`, `GET …/getStateInstance/{token}`. Sources: green-api.com/en/docs/api/account/{GetSettings, SetSettings, GetStateInstance}. Settings are
 * in force within 5 minutes, and the instance starts anew when they are set: so only where one differs. The token is part of the address, so nothing of it may be logged.
 */
import type { GreenApiAccount } from '@messtrack/workspace/accounts/green-api-account.ts';
import { isObject, stringAt } from '../json-value.ts';
import type { CallRequest } from '../provider-call.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import { addressed, doneOf, type Hook, readAnswer, type WebhookPorts, type WebhookSetup } from './webhook-setup.ts';

/** Settings of WhatsApp instances alone: they are asked for where they exist. Without `catalogWebhook` carts and cards of products do not come. */
const SWITCHES = ['incomingWebhook', 'outgoingWebhook'];
const OPTIONAL_SWITCHES = ['editedMessageWebhook', 'catalogWebhook'];

function request(account: GreenApiAccount, method: string, urls: WebhookPorts['urls']): CallRequest {
  const path = `waInstance${encodeURIComponent(account.instanceId)}/${method}/${encodeURIComponent(account.apiToken?.reveal() ?? '')}`;
  const url = under(account.apiUrl === undefined ? urls.greenApi : new URL(account.apiUrl), path);
  const named = account.apiUrl === undefined ? {} : ({ isNamedByWorkspace: true } as const);
  return { method: 'GET', url, headers: {}, body: '', ...named };
}

export const greenApiWebhooks: WebhookSetup<GreenApiAccount> = {
  provider: 'green-api',
  check: 'webhook',
  needs: ['api_token'],
  canAsk: (account) => account.apiToken !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, ports) {
    const read = readAnswer(await ports.call(request(account, 'getSettings', ports.urls)));
    if (read.kind !== 'body') return read;
    const source = isObject(read.body) ? read.body : {};
    const off = [...SWITCHES, ...OPTIONAL_SWITCHES.filter((name) => name in source)].filter((name) => source[name] !== 'yes');
    const token = stringAt(source, 'webhookUrlToken', 512).replace(/^bearer +/i, '');
    const lacks = off.map((name) => `${name} is off`);
    if (token !== account.webhookToken.reveal()) lacks.push('webhookUrlToken is not the webhook_token');
    const hook = { ...addressed(stringAt(source, 'webhookUrl', 2048), isOurs), lacks, source };
    return { kind: 'hook', hook: { ...hook, device: await stateOf(account, ports) } };
  },
  async put(account, url, hook, ports) {
    const switches = [...SWITCHES, ...OPTIONAL_SWITCHES.filter((name) => name in (hook?.source ?? {}))];
    const settings = {
      webhookUrl: url,
      webhookUrlToken: account.webhookToken.reveal(),
      ...Object.fromEntries(switches.map((name) => [name, 'yes'])),
    };
    return set(account, settings, ports);
  },
  remove: (account, _hook, ports) => set(account, { webhookUrl: '', webhookUrlToken: '' }, ports),
};

async function set(account: GreenApiAccount, settings: object, ports: WebhookPorts) {
  const { url, ...named } = request(account, 'setSettings', ports.urls);
  return doneOf(await ports.call({ ...named, ...jsonPost(url, {}, settings), method: 'POST' }));
}

async function stateOf(account: GreenApiAccount, ports: WebhookPorts): Promise<Hook['device']> {
  const read = readAnswer(await ports.call(request(account, 'getStateInstance', ports.urls)));
  const state = read.kind === 'body' && isObject(read.body) ? stringAt(read.body, 'stateInstance', 64) : '';
  return state === '' || state === 'starting' ? undefined : { isGood: state === 'authorized', state };
}
