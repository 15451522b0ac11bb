/** The send APIs of Meta, Telegram and others as HTTP servers: what they answer is scripted per request, what they were asked is kept. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Taken {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Set when the provider took the message. */
  readonly messageId: string | undefined;
  readonly atMs: number;
}

/**
 * How a request ends: taken and answered; answered with what is given; taken, and the connection cut before the answer; taken, and no answer ever;
 * cut before anything was taken.
 */
export type Script =
  | 'accept'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'accept_and_cut'
  | 'accept_and_hang';

export interface FakeProvider {
  readonly url: string;
  readonly requests: readonly Taken[];
  /** Messages that reached people. */
  readonly accepted: () => readonly Taken[];
  /** The next requests, in order; `accept` when none are left. */
  script(...next: readonly Script[]): void;
  clear(): void;
  close(): Promise<void>;
}

type Answerer = (path: string, body: string, number: number) => { readonly messageId: string; readonly answer: unknown };

export function startFakeMeta(port = 0): Promise<FakeProvider> {
  return startFake(port, (_path, text, number) => {
    const body = JSON.parse(text) as { to?: string; recipient?: string };
    const messageId = `wamid.OUT${number}`;
    // A number that the business has written to comes back with its business-scoped id.
    const waId = body.to ?? '';
    const contact = body.to === undefined ? { user_id: body.recipient } : { input: body.to, wa_id: waId, user_id: `US.${waId}` };
    return {
      messageId,
      answer: { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id: messageId, message_status: 'accepted' }] },
    };
  });
}

export function startFakeTelegram(port = 0): Promise<FakeProvider> {
  return startFake(port, (_path, text, number) => {
    const body = JSON.parse(text) as { chat_id: string; text: string };
    return {
      messageId: `${body.chat_id}:${number}`,
      answer: { ok: true, result: { message_id: number, chat: { id: Number(body.chat_id), type: 'private' }, date: 1, text: body.text } },
    };
  });
}

export function startFakeTwilio(port = 0): Promise<FakeProvider> {
  return startFake(port, (_path, text, number) => {
    const sid = `SM${String(number).padStart(32, '0')}`;
    return { messageId: sid, answer: { sid, status: 'queued', to: new URLSearchParams(text).get('To'), error_code: null } };
  });
}

export async function startFake(port: number, answerer: Answerer): Promise<FakeProvider> {
  const requests: Taken[] = [];
  const scripts: Script[] = [];
  let number = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const script = scripts.shift() ?? 'accept';
    const isTaken = typeof script === 'string';
    number += 1;
    const { messageId, answer } = isTaken ? answerer(request.url ?? '', body, number) : { messageId: undefined, answer: undefined };
    const { authorization } = request.headers;
    requests.push({ path: request.url ?? '', authorization, headers: request.headers, body, messageId, atMs: Date.now() });
    if (script === 'accept_and_cut') request.socket.destroy();
    else if (script === 'accept') response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    else if (script !== 'accept_and_hang')
      response
        .writeHead(script.status, { 'content-type': 'application/json', ...script.headers })
        .end(script.body === undefined ? '' : JSON.stringify(script.body));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    accepted: () => requests.filter(({ messageId }) => messageId !== undefined),
    script: (...next) => void scripts.push(...next),
    clear() {
      requests.length = 0;
      scripts.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error body of the Graph API. */
export function metaError(code: number, status = 400): Script {
  return { status, body: { error: { message: `(#${code}) scripted`, type: 'OAuthException', code, fbtrace_id: 'A' } } };
}

export function telegramError(code: number, description: string, parameters?: object): Script {
  return { status: code, body: { ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) } };
}
