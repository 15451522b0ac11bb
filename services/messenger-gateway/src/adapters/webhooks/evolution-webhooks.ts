/**
 * Evolution API 2: `GET {api_url}/webhook/find/{instance}`, `POST /webhook/set/{instance}`, `GET /instance/connectionState/{instance}`, token of the instance in `apikey`. Sources: doc.evolution-api.com
 * v2/api-reference/webhook/{get, set}, …/instance-controller/connection-state. The page writes the settings flat, the code of 2.2 and later reads them from `webhook` with `byEvents` and `base64`: both are
 * sent, each version takes its own.
 */
import type { EvolutionAccount } from '@messtrack/workspace/accounts/evolution-account.ts';
import { isObject, listAt, objectAt, stringAt } from '../json-value.ts';
import type { CallRequest } from '../provider-call.ts';
import { under } from '../senders/api-address.ts';
import { addressed, type Done, doneOf, type Hook, missingFrom, readAnswer, type WebhookPorts, type WebhookSetup } from './webhook-setup.ts';

const EVENTS = ['MESSAGES_UPSERT', 'MESSAGES_UPDATE'];

function request(account: EvolutionAccount, path: string): CallRequest {
  const url = under(new URL(account.apiUrl ?? 'http://invalid'), `${path}/${encodeURIComponent(account.receiver ?? '')}`);
  return { method: 'GET', url, headers: { apikey: account.apiKey?.reveal() ?? '' }, body: '', isNamedByWorkspace: true };
}

export const evolutionWebhooks: WebhookSetup<EvolutionAccount> = {
  provider: 'evolution',
  check: 'webhook',
  needs: ['api_url', 'api_key', 'instance'],
  canAsk: (account) => account.apiUrl !== undefined && account.apiKey !== undefined && account.receiver !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, ports) {
    const read = readAnswer(await ports.call(request(account, 'webhook/find')));
    if (read.kind !== 'body') return read;
    const body = isObject(read.body) ? read.body : {};
    const source = objectAt(body, 'webhook') ?? body;
    const lacks = missingFrom(EVENTS, listAt(source, 'events') ?? []).map((event) => `event ${event} is missing`);
    const hook: Hook = {
      ...addressed(stringAt(source, 'url', 2048), isOurs),
      lacks: [
        ...(source['enabled'] === false ? ['it is switched off'] : []),
        ...(source['webhookByEvents'] === true ? ['webhookByEvents changes the address'] : []),
        ...(source['webhookBase64'] === true ? ['webhookBase64 makes webhooks too large'] : []),
        ...lacks,
        ...tokenLacks(account, objectAt(source, 'headers')),
      ],
      source,
    };
    return { kind: 'hook', hook: { ...hook, device: await stateOf(account, ports) } };
  },
  put: (account, url, _hook, ports) => set(account, url, true, ports),
  remove: (account, hook, ports) => set(account, hook.at ?? '', false, ports),
};

function tokenLacks(account: EvolutionAccount, headers: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  // Without a token of ours the one of the instance in the body is the proof.
  if (account.webhookToken === undefined) return [];
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const token = typeof found === 'string' ? found.replace(/^bearer +/i, '') : '';
  return token === account.webhookToken.reveal() ? [] : ['the header Authorization is not the webhook_token'];
}

async function set(account: EvolutionAccount, url: string, enabled: boolean, { call }: WebhookPorts): Promise<Done> {
  const headers = account.webhookToken === undefined ? {} : { Authorization: `Bearer ${account.webhookToken.reveal()}` };
  const settings = { enabled, url, headers, events: EVENTS };
  const webhook = { ...settings, byEvents: false, base64: false };
  const asked = request(account, 'webhook/set');
  const body = JSON.stringify({ ...settings, webhookByEvents: false, webhookBase64: false, webhook });
  return doneOf(await call({ ...asked, method: 'POST', headers: { ...asked.headers, 'content-type': 'application/json' }, body }));
}

async function stateOf(account: EvolutionAccount, { call }: WebhookPorts): Promise<Hook['device']> {
  const read = readAnswer(await call(request(account, 'instance/connectionState')));
  const body = read.kind === 'body' && isObject(read.body) ? read.body : {};
  const state = stringAt(objectAt(body, 'instance') ?? body, 'state', 64);
  return state === '' || state === 'connecting' ? undefined : { isGood: state === 'open', state };
}
