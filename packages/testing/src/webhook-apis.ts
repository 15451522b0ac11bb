/**
 * The parts of providers' APIs that set webhooks, behind one HTTP server and with a memory: what is set is what is found later. Each as its own page documents it
 * (services/messenger-gateway/src/adapters/webhooks names the pages); what a provider would not understand is refused as it refuses.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface WebhookApis {
  /** Address of a provider's API. */
  readonly url: (provider: string) => string;
  /** What each provider has been told; tests change it to see it noticed. */
  readonly state: Record<string, Json>;
  /** Calls that change something, as "METHOD provider/path" without query. */
  readonly changes: readonly string[];
  /** Every call. */
  readonly calls: readonly string[];
  /** Answers the next change of a provider instead of its own. */
  refuse(provider: string, status: number, body: unknown): void;
  clear(): void;
  close(): Promise<void>;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly json: Json;
  readonly form: URLSearchParams;
}

type Answer = readonly [status: number, body: unknown];

const NOT_FOUND: Answer = [404, { error: 'not found' }];

/** By provider: whether the credentials are right, and what is answered. `token` is what every provider is called with. */
export async function startWebhookApis(token: string): Promise<WebhookApis> {
  const fresh = (): Record<string, Json> => ({
    whatsapp: { application: '', phone_number: '', subscribed: false },
    messenger: { fields: undefined },
    instagram: { fields: undefined },
    '360dialog': { url: '', headers: {} },
    twilio: { webhook: { callback_url: '' }, status: 'ONLINE' },
    wazzup: { webhooksUri: '', subscriptions: { contactsAndDealsCreation: true }, state: 'active' },
    edna: {},
    'green-api': {
      webhookUrl: '',
      webhookUrlToken: '',
      incomingWebhook: 'no',
      outgoingWebhook: 'no',
      delaySendMessagesMilliseconds: 500,
      stateInstance: 'authorized',
    },
    waha: { config: { debug: true, webhooks: [] }, status: 'WORKING' },
    evolution: { webhook: null, state: 'open' },
    'z-api': { connected: true },
    vk: { servers: [], settings: {}, confirmation: 'a1b2c3d4' },
    max: { subscriptions: [] },
  });
  const state = fresh();
  const calls: string[] = [];
  const changes: string[] = [];
  const refusals = new Map<string, Answer>();

  const graph =
    (id: string) =>
    (call: Call): Answer => {
      if (call.headers['authorization'] !== `Bearer ${token}`)
        return [400, { error: { code: 190, message: 'Invalid OAuth access token' } }];
      const own = state[id]!;
      if (call.path.endsWith('subscribed_apps')) {
        if (call.method === 'POST') {
          own['subscribed'] = true;
          own['fields'] = call.query.get('subscribed_fields')?.split(',');
          return [200, { success: true }];
        }
        if (id === 'whatsapp')
          return [200, { data: own['subscribed'] === true ? [{ whatsapp_business_api_data: { id: '634974688087057' } }] : [] }];
        return [200, { data: own['fields'] === undefined ? [] : [{ id: '634974688087057', subscribed_fields: own['fields'] }] }];
      }
      if (call.method === 'GET')
        return [200, { id: call.path, webhook_configuration: { application: own['application'], phone_number: own['phone_number'] } }];
      const configuration = call.json['webhook_configuration'] as Json | undefined;
      if (configuration === undefined || (configuration['override_callback_uri'] !== '' && configuration['verify_token'] === undefined))
        return [400, { error: { code: 100, message: 'Invalid parameter' } }];
      Object.assign(own, { phone_number: configuration['override_callback_uri'], verify_token: configuration['verify_token'] });
      return [200, { success: true }];
    };

  const providers: Readonly<Record<string, (call: Call) => Answer>> = {
    whatsapp: graph('whatsapp'),
    messenger: graph('messenger'),
    instagram: graph('instagram'),
    '360dialog'({ method, path, headers, json }) {
      if (headers['d360-api-key'] !== token) return [401, { message: 'Invalid api key' }];
      if (path !== 'v1/configs/webhook') return NOT_FOUND;
      if (method === 'POST') Object.assign(state['360dialog']!, json);
      return [200, state['360dialog']];
    },
    twilio({ method, path, headers, json }) {
      const [name, password] = Buffer.from(String(headers['authorization']).slice(6), 'base64').toString().split(':');
      if (name !== `AC${'0'.repeat(32)}` || password !== token) return [401, { code: 20003, message: 'Authenticate' }];
      const sender = {
        sid: 'XE1',
        sender_id: 'whatsapp:+14155550100',
        status: state['twilio']!['status'],
        webhook: state['twilio']!['webhook'],
      };
      if (method === 'GET' && path === 'v2/Channels/Senders')
        return [200, { meta: {}, senders: [{ ...sender, sid: 'XE0', sender_id: 'whatsapp:+1999' }, sender] }];
      if (path !== 'v2/Channels/Senders/XE1') return NOT_FOUND;
      state['twilio']!['webhook'] = json['webhook'];
      return [202, sender];
    },
    wazzup({ method, path, headers, json }) {
      if (headers['authorization'] !== `Bearer ${token}`) return [401, { error: 'invalidApiKey' }];
      if (path === 'v3/channels')
        return [200, [{ channelId: 'c8cf90d2-0a1c-4ee9-8ac6-9b6a1d3b5d4e', transport: 'wapi', state: state['wazzup']!['state'] }]];
      if (path !== 'v3/webhooks') return NOT_FOUND;
      if (method === 'PATCH') Object.assign(state['wazzup']!, json);
      return [200, state['wazzup']];
    },
    edna({ path, headers, json }) {
      if (headers['x-api-key'] !== token) return [401, { code: 'error-unauthorized' }];
      if (path !== 'api/callback/set') return NOT_FOUND;
      Object.assign(state['edna']!, json);
      return [200, { code: 'ok' }];
    },
    'green-api'({ method, path, json }) {
      const own = state['green-api']!;
      if (!path.endsWith(`/${token}`)) return [401, undefined];
      if (path.includes('/getStateInstance/')) return [200, { stateInstance: own['stateInstance'] }];
      if (method === 'GET' && path.includes('/getSettings/')) return [200, own];
      if (method !== 'POST' || !path.includes('/setSettings/')) return NOT_FOUND;
      Object.assign(own, json);
      return [200, { saveSettings: true }];
    },
    waha({ method, path, headers, json }) {
      if (headers['x-api-key'] !== token) return [401, { message: 'Unauthorized' }];
      if (path !== 'api/sessions/sales') return NOT_FOUND;
      if (method === 'PUT') Object.assign(state['waha']!, json);
      return [200, { name: 'sales', ...state['waha'] }];
    },
    evolution({ method, path, headers, json }) {
      if (headers['apikey'] !== token) return [401, { error: 'Unauthorized' }];
      if (path === 'instance/connectionState/acme')
        return [200, { instance: { instanceName: 'acme', state: state['evolution']!['state'] } }];
      if (method === 'GET' && path === 'webhook/find/acme') return [200, state['evolution']!['webhook']];
      if (path !== 'webhook/set/acme') return NOT_FOUND;
      const { url, enabled, events, headers: given, byEvents, base64 } = json['webhook'] as Json;
      state['evolution']!['webhook'] = { id: '1', url, enabled, events, headers: given, webhookByEvents: byEvents, webhookBase64: base64 };
      return [201, state['evolution']!['webhook']];
    },
    'z-api'({ method, path, headers, json }) {
      const [, , , given, name] = path.split('/');
      if (given !== token || headers['client-token'] !== 'client-token-0123456789') return [403, { error: 'Client-Token not allowed' }];
      if (method === 'GET' && name === 'me') return [200, { id: '1', ...state['z-api'] }];
      if (method !== 'PUT') return [405, undefined];
      const key = name === 'update-webhook-received' ? 'receivedCallbackUrl' : 'messageStatusCallbackUrl';
      state['z-api']![key] = json['value'];
      return [200, { value: true }];
    },
    vk({ path, form }) {
      const own = state['vk']!;
      const servers = own['servers'] as Json[];
      if (form.get('access_token') !== token) return [200, { error: { error_code: 5, error_msg: 'User authorization failed' } }];
      if (form.get('group_id') !== '206768104') return [200, { error: { error_code: 100, error_msg: 'group_id is wrong' } }];
      const server = servers.find(({ id }) => String(id) === form.get('server_id'));
      const given = { url: form.get('url'), title: form.get('title'), secret_key: form.get('secret_key'), status: 'ok' };
      switch (path) {
        case 'method/groups.getCallbackServers':
          return [200, { response: { count: servers.length, items: servers } }];
        case 'method/groups.getCallbackSettings':
          return [200, { response: { api_version: '5.199', events: (own['settings'] as Json)[form.get('server_id') ?? ''] ?? {} } }];
        case 'method/groups.getCallbackConfirmationCode':
          return [200, { response: { code: own['confirmation'] } }];
        case 'method/groups.addCallbackServer':
          servers.push({ id: servers.length + 1, ...given });
          return [200, { response: { server_id: servers.length } }];
        case 'method/groups.editCallbackServer':
          Object.assign(server!, given);
          return [200, { response: 1 }];
        case 'method/groups.deleteCallbackServer':
          servers.splice(servers.indexOf(server!), 1);
          return [200, { response: 1 }];
        case 'method/groups.setCallbackSettings': {
          const events = [...form].filter(([name]) => name.startsWith('message_')).map(([name, value]) => [name, Number(value)]);
          (own['settings'] as Json)[form.get('server_id') ?? ''] = Object.fromEntries(events);
          return [200, { response: 1 }];
        }
        default:
          return [200, { error: { error_code: 3, error_msg: 'Unknown method passed' } }];
      }
    },
    max({ method, path, query, headers, json }) {
      if (headers['authorization'] !== token) return [401, { code: 'verify.token', message: 'Invalid access_token' }];
      if (path !== 'subscriptions') return NOT_FOUND;
      const others = (state['max']!['subscriptions'] as Json[]).filter(({ url }) => url !== (query.get('url') ?? json['url']));
      if (method === 'GET') return [200, { subscriptions: others.map(({ url, update_types }) => ({ url, time: 1, update_types })) }];
      state['max']!['subscriptions'] = method === 'DELETE' ? others : [...others, json];
      return [200, { success: true }];
    },
  };

  /** VK posts its questions as well. */
  const isQuestion = ({ method, path }: Pick<Call, 'method' | 'path'>) => method === 'GET' || /groups\.get/.test(path);

  function answer(provider: string, call: Call): Answer {
    calls.push(`${call.method} ${provider}/${call.path}`);
    if (!isQuestion(call)) {
      changes.push(`${call.method} ${provider}/${call.path}`);
      const refusal = refusals.get(provider);
      refusals.delete(provider);
      if (refusal !== undefined) return refusal;
    }
    return providers[provider]?.(call) ?? NOT_FOUND;
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://server');
      const [, provider = '', ...rest] = url.pathname.split('/');
      const text = Buffer.concat(chunks).toString('utf8');
      const isJson = incoming.headers['content-type'] === 'application/json';
      const call: Call = {
        method: incoming.method ?? '',
        path: rest.join('/'),
        query: url.searchParams,
        headers: incoming.headers,
        json: isJson ? (JSON.parse(text) as Json) : {},
        form: new URLSearchParams(isJson ? '' : text),
      };
      const [status, body] = answer(provider, call);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (provider) => `http://127.0.0.1:${port}/${provider}`,
    state,
    calls,
    changes,
    refuse: (provider, status, body) => refusals.set(provider, [status, body]),
    clear() {
      calls.length = 0;
      changes.length = 0;
      refusals.clear();
      Object.assign(state, fresh());
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
