/**
 * VK: `groups.getCallbackServers`, `getCallbackSettings`, `addCallbackServer` (title of at most 14 characters), `editCallbackServer`, `setCallbackSettings`, `deleteCallbackServer`,
 * `getCallbackConfirmationCode`. Sources: dev.vk.com/en/method/groups.*, dev.vk.com/en/reference/errors. The token needs the right "manage" (community management) beside "messages". A community may have ten
 * servers: those of others are left alone. Errors come with HTTP 200.
 */
import type { VkAccount } from '@messtrack/workspace/accounts/vk-account.ts';
import { idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from '../json-value.ts';
import { under } from '../senders/api-address.ts';
import { type Done, type Hook, inOrder, type Look, type Read, readAnswer, type WebhookPorts, type WebhookSetup } from './webhook-setup.ts';

const API_VERSION = '5.199';
const EVENTS = ['message_new', 'message_edit', 'message_allow', 'message_deny'];
const TITLE = 'messtrack';

type Parameters = Readonly<Record<string, string>>;

/** `response` of a method. Codes 5 and 27 say that the token is not accepted; others, such as 15 and 7, that it lacks a right. */
async function method(account: VkAccount, name: string, parameters: Parameters, { call, urls }: WebhookPorts): Promise<Read> {
  const form = new URLSearchParams({
    ...parameters,
    group_id: account.groupId,
    access_token: account.accessToken?.reveal() ?? '',
    v: API_VERSION,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const read = readAnswer(await call({ url: under(urls.vk, `method/groups.${name}`), headers, body: form.toString() }));
  if (read.kind !== 'body') return read;
  const body = isObject(read.body) ? read.body : {};
  const error = objectAt(body, 'error');
  if (error === undefined) return { kind: 'body', body: body['response'] };
  const code = idAt(error, 'error_code', 16) ?? '';
  if (code === '5' || code === '27') return { kind: 'refused', code };
  const right = code === '7' || code === '15' ? ' (the token needs the right "manage")' : '';
  return { kind: 'unclear', code, words: stringAt(error, 'error_msg', 200) + right };
}

async function step(account: VkAccount, name: string, parameters: Parameters, ports: WebhookPorts): Promise<Done> {
  return doneBy(await method(account, name, parameters, ports));
}

function doneBy(read: Read): Done {
  if (read.kind === 'body') return { kind: 'done' };
  return { kind: 'failed', code: read.code, words: read.kind === 'refused' ? 'the credentials are not accepted' : read.words };
}

export const vkWebhooks: WebhookSetup<VkAccount> = {
  provider: 'vk',
  check: 'webhook',
  needs: ['access_token with the right "manage"'],
  canAsk: (account) => account.accessToken !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, ports): Promise<Look> {
    const read = await method(account, 'getCallbackServers', {}, ports);
    if (read.kind !== 'body') return read;
    const servers = (isObject(read.body) ? (listAt(read.body, 'items') ?? []) : []).filter(isObject);
    const ours = servers.find((server) => isOurs(stringAt(server, 'url', 2048)));
    const elsewhere = servers.filter((server) => server !== ours).map((server) => stringAt(server, 'url', 2048));
    if (ours === undefined) return { kind: 'hook', hook: { isSet: false, elsewhere, lacks: [], source: {} } };
    const settings = await method(account, 'getCallbackSettings', { server_id: idAt(ours, 'id', 20) ?? '' }, ports);
    if (settings.kind !== 'body') return settings;
    return { kind: 'hook', hook: { isSet: true, elsewhere, lacks: lacksOf(ours, settings.body, account), source: ours } };
  },
  async put(account, url, hook, ports): Promise<Done> {
    const known = hook?.isSet === true ? idAt(hook.source, 'id', 20) : undefined;
    const server = { url, title: TITLE, secret_key: account.secretKey.reveal() };
    if (known !== undefined)
      return inOrder([
        () => step(account, 'editCallbackServer', { ...server, server_id: known }, ports),
        () => step(account, 'setCallbackSettings', settingsOf(known), ports),
      ]);
    const code = await method(account, 'getCallbackConfirmationCode', {}, ports);
    if (code.kind !== 'body') return doneBy(code);
    // VK asks the new address for this at once, and an address that answers something else stays unconfirmed.
    const wanted = isObject(code.body) ? stringAt(code.body, 'code', 64) : '';
    if (wanted !== account.confirmation)
      return {
        kind: 'failed',
        code: '',
        words: `confirmation in the workspace file has to be "${wanted}": write it there, let the gateway take it up and run this again`,
      };
    const added = await method(account, 'addCallbackServer', server, ports);
    if (added.kind !== 'body') return doneBy(added);
    const id = isObject(added.body) ? idAt(added.body, 'server_id', 20) : undefined;
    return id === undefined
      ? { kind: 'failed', code: '', words: 'the answer names no server' }
      : step(account, 'setCallbackSettings', settingsOf(id), ports);
  },
  remove: (account, hook, ports) => step(account, 'deleteCallbackServer', { server_id: idAt(hook.source, 'id', 20) ?? '' }, ports),
};

function settingsOf(serverId: string): Parameters {
  return { server_id: serverId, api_version: API_VERSION, ...Object.fromEntries(EVENTS.map((event) => [event, '1'])) };
}

function lacksOf(server: JsonObject, settings: unknown, account: VkAccount): Hook['lacks'] {
  const events = isObject(settings) ? (objectAt(settings, 'events') ?? {}) : {};
  const status = stringAt(server, 'status', 32);
  return [
    ...(status === 'ok' || status === '' ? [] : [`VK says ${status} of the address`]),
    ...EVENTS.filter((event) => events[event] !== 1 && events[event] !== true).map((event) => `event ${event} is missing`),
    ...(stringAt(server, 'secret_key', 128) === account.secretKey.reveal() ? [] : ['the secret key is another one']),
  ];
}
