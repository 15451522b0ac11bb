/**
 * A Bot API server for tests, over real HTTP: what core.telegram.org/bots/api and the open server (tdlib/telegram-bot-api) say of updates, webhooks and invite
 * links. An update is forgotten when a later offset is asked for, and not before: `forgotten` is the ledger a test compares with.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface TelegramUpdate {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

/** What happens to the next question for updates instead of an answer. */
export type PollFault =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  | { readonly kind: 'too_many'; readonly retryAfterS: number }
  /** The answer breaks off in the middle. */
  | { readonly kind: 'truncate' }
  /** The connection goes without a word. */
  | { readonly kind: 'drop' }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' };

export interface TelegramCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface TelegramServer {
  readonly url: string;
  /** Every call in order of arrival. */
  readonly calls: readonly TelegramCall[];
  /** Ids of updates that an offset confirmed, in order. */
  readonly forgotten: readonly number[];
  /** Adds an update under the next id, where it is asked for; undefined when `allowed_updates` leaves it out. */
  push(update: Readonly<Record<string, unknown>>): number | undefined;
  /** The next update gets this id: ids start anywhere after a week without one. */
  continueAt(updateId: number): void;
  fault(...faults: readonly PollFault[]): void;
  /** Resolves when nothing waits to be asked for. */
  drained(): Promise<void>;
  webhook(): { readonly url: string; readonly secretToken: string; readonly allowedUpdates: readonly string[] };
  close(): Promise<void>;
}

export interface TelegramServerOptions {
  readonly token: string;
  readonly username: string;
  readonly port?: number;
  /** Chats in which the bot is an administrator who may invite, by id or "@name". */
  readonly chats?: readonly string[];
  readonly canReadAllGroupMessages?: boolean;
  readonly canConnectToBusiness?: boolean;
}

/** What Telegram leaves out unless it is named. */
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

interface Answer {
  readonly status: number;
  readonly body: object;
}

function ok(result: unknown): Answer {
  return { status: 200, body: { ok: true, result } };
}

function refuse(code: number, description: string, parameters?: object): Answer {
  return { status: code, body: { ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

interface Waiting {
  readonly response: ServerResponse;
  readonly limit: number;
  readonly timer: NodeJS.Timeout;
}

export async function startTelegramServer(options: TelegramServerOptions): Promise<TelegramServer> {
  const calls: TelegramCall[] = [];
  const forgotten: number[] = [];
  const faults: PollFault[] = [];
  const sockets = new Set<Socket>();
  const inviteLinks: Record<string, unknown>[] = [];
  const drainWaiters: (() => void)[] = [];
  let pending: TelegramUpdate[] = [];
  let nextId = 1;
  let allowed: readonly string[] = [];
  let webhook = { url: '', secretToken: '' };
  let waiting: Waiting | undefined;

  const me = {
    id: Number(options.token.split(':')[0]),
    is_bot: true,
    first_name: 'Test bot',
    username: options.username,
    can_join_groups: true,
    can_read_all_group_messages: options.canReadAllGroupMessages ?? false,
    supports_inline_queries: false,
    can_connect_to_business: options.canConnectToBusiness ?? false,
    has_main_web_app: false,
  };

  function isAllowed(kind: string): boolean {
    return allowed.length === 0 ? !NOT_BY_DEFAULT.has(kind) : allowed.includes(kind);
  }

  function setAllowed(value: unknown): void {
    // An omitted list keeps the one before.
    if (Array.isArray(value)) allowed = value.map(String);
  }

  function forget(offset: number): void {
    const confirmed = pending.filter(({ update_id }) => update_id < offset);
    forgotten.push(...confirmed.map(({ update_id }) => update_id));
    pending = pending.filter(({ update_id }) => update_id >= offset);
    if (pending.length === 0) for (const resolve of drainWaiters.splice(0)) resolve();
  }

  function answerWaiting(): void {
    if (waiting === undefined || pending.length === 0) return;
    const { response, limit, timer } = waiting;
    waiting = undefined;
    clearTimeout(timer);
    send(response, ok(pending.slice(0, limit)));
  }

  /** Undefined when the answer comes later, or never. */
  function getUpdates(parameters: Readonly<Record<string, unknown>>, response: ServerResponse): Answer | undefined {
    if (webhook.url !== '')
      return refuse(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      send(
        waiting.response,
        refuse(409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'),
      );
      waiting = undefined;
    }
    setAllowed(parameters['allowed_updates']);
    const fault = faults.shift();
    if (fault !== undefined && fault.kind !== 'truncate') {
      misbehave(fault, response);
      return undefined;
    }
    const offset = Number(parameters['offset'] ?? 0);
    // Telegram takes an offset beyond its last id for one of before the ids were drawn anew, and forgets nothing.
    if (offset > 0 && offset <= nextId) forget(offset);
    const limit = Math.min(100, Number(parameters['limit'] ?? 100));
    const timeoutMs = Number(parameters['timeout'] ?? 0) * 1000;
    if (fault?.kind === 'truncate') {
      const body = JSON.stringify({ ok: true, result: pending.slice(0, limit) });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body.slice(0, Math.ceil(body.length / 2)));
      return undefined;
    }
    if (pending.length > 0 || timeoutMs === 0) return ok(pending.slice(0, limit));
    const timer = setTimeout(() => {
      waiting = undefined;
      send(response, ok([]));
    }, timeoutMs);
    waiting = { response, limit, timer };
    response.on('close', () => {
      if (waiting?.response !== response) return;
      clearTimeout(timer);
      waiting = undefined;
    });
    return undefined;
  }

  function misbehave(fault: Exclude<PollFault, { kind: 'truncate' }>, response: ServerResponse): void {
    switch (fault.kind) {
      case 'status':
        response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.body ?? '<html>Bad Gateway</html>');
        return;
      case 'too_many':
        send(response, refuse(429, `Too Many Requests: retry after ${fault.retryAfterS}`, { retry_after: fault.retryAfterS }));
        return;
      case 'drop':
        response.socket?.destroy();
        return;
      case 'hang':
        return;
    }
  }

  function setWebhook(parameters: Readonly<Record<string, unknown>>): Answer {
    const url = String(parameters['url'] ?? '');
    const secretToken = String(parameters['secret_token'] ?? '');
    if (url !== '' && !url.startsWith('https://'))
      return refuse(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
    if (!/^[A-Za-z0-9_-]{0,256}$/.test(secretToken)) return refuse(400, 'Bad Request: secret token contains unallowed characters');
    setAllowed(parameters['allowed_updates']);
    if (parameters['drop_pending_updates'] === true) pending = [];
    webhook = { url, secretToken };
    return ok(true);
  }

  function createInviteLink(parameters: Readonly<Record<string, unknown>>): Answer {
    const chat = String(parameters['chat_id'] ?? '');
    if (!(options.chats ?? []).includes(chat)) return refuse(400, 'Bad Request: chat not found');
    const name = String(parameters['name'] ?? '');
    if (name.length > 32) return refuse(400, 'Bad Request: invite link name is too long');
    const link = {
      invite_link: `https://t.me/+link${inviteLinks.length + 1}`,
      name,
      creator: me,
      creates_join_request: parameters['creates_join_request'] === true,
      is_primary: false,
      is_revoked: false,
    };
    inviteLinks.push(link);
    return ok(link);
  }

  function handle(method: string, parameters: Readonly<Record<string, unknown>>, response: ServerResponse): Answer | undefined {
    switch (method) {
      case 'getUpdates':
        return getUpdates(parameters, response);
      case 'getMe':
        return ok(me);
      case 'setWebhook':
        return setWebhook(parameters);
      case 'deleteWebhook':
        webhook = { url: '', secretToken: '' };
        if (parameters['drop_pending_updates'] === true) pending = [];
        return ok(true);
      case 'getWebhookInfo':
        return ok({
          url: webhook.url,
          has_custom_certificate: false,
          pending_update_count: pending.length,
          ...(allowed.length === 0 ? {} : { allowed_updates: allowed }),
        });
      case 'createChatInviteLink':
        return createInviteLink(parameters);
      default:
        return refuse(404, 'Not Found: method not found');
    }
  }

  const server = createServer(async (request, response) => {
    const [, bot = '', method = ''] = (request.url ?? '').split('?')[0]!.split('/');
    const parameters = await readParameters(request);
    if (bot !== `bot${options.token}`) {
      send(response, bot.startsWith('bot') ? refuse(401, 'Unauthorized') : refuse(404, 'Not Found'));
      return;
    }
    calls.push({ method, parameters });
    const answer = handle(method, parameters, response);
    if (answer !== undefined) send(response, answer);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    forgotten,
    push(update) {
      if (!isAllowed(Object.keys(update)[0] ?? '')) return undefined;
      const id = nextId++;
      pending.push({ update_id: id, ...update });
      answerWaiting();
      return id;
    },
    continueAt(updateId) {
      nextId = updateId;
    },
    fault(...more) {
      faults.push(...more);
    },
    drained: () => (pending.length === 0 ? Promise.resolve() : new Promise((resolve) => drainWaiters.push(resolve))),
    webhook: () => ({ ...webhook, allowedUpdates: allowed }),
    close: () =>
      new Promise((resolve) => {
        clearTimeout(waiting?.timer);
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** In the query, as a form or as JSON, as the Bot API takes them. */
async function readParameters(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://telegram.test').searchParams);
  if (body === '') return query;
  if ((request.headers['content-type'] ?? '').startsWith('application/json')) return { ...query, ...(JSON.parse(body) as object) };
  return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
}
