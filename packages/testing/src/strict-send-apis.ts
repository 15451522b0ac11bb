/**
 * The send APIs of every provider behind one HTTP server, each as its own pages document it: a request that the provider would not understand (method, path,
 * headers, credentials, body) is refused in the provider's own form and kept in `violations`. Answers can be scripted, one by one.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type StrictAnswer,
  type StrictCredentials,
  type StrictProvider,
  type StrictRequest,
  sendContracts,
} from './strict-send-contracts.ts';

export interface StrictSendApis {
  readonly url: (provider: StrictProvider) => string;
  readonly requests: readonly StrictRequest[];
  /** What was wrong with requests, in words. */
  readonly violations: readonly string[];
  /** The next answers of a provider, in order, instead of its own. */
  script(provider: StrictProvider, ...answers: readonly StrictAnswer[]): void;
  clear(): void;
  close(): Promise<void>;
}

export async function startStrictSendApis(credentials: StrictCredentials): Promise<StrictSendApis> {
  const wanted = sendContracts(credentials);
  const requests: StrictRequest[] = [];
  const violations: string[] = [];
  const scripts = new Map<string, StrictAnswer[]>();
  let number = 0;

  function judge(request: StrictRequest): StrictAnswer {
    const all = wanted[request.provider];
    const fitting = all.find(({ path }) => (typeof path === 'string' ? path === request.path : path.test(request.path)));
    // A token in the address that is wrong is a wrong token, and so is anything that has no page.
    if (fitting === undefined || fitting.method !== request.method) return refuse(request, 'nothing is there', all[0]!.refusal);
    for (const [name, value] of Object.entries(fitting.headers))
      if (!String(request.headers[name] ?? '').startsWith(value))
        return refuse(request, `header ${name} is not as documented`, fitting.refusal);
    let problem: string | undefined;
    try {
      problem = fitting.body(request.body);
    } catch {
      problem = 'the body cannot be read';
    }
    if (problem !== undefined) return refuse(request, problem, fitting.refusal);
    const scripted = scripts.get(request.provider)?.shift();
    number += 1;
    return scripted ?? fitting.answer(request.body, number, request.path);
  }

  function refuse({ provider, method, path }: StrictRequest, problem: string, refusal: StrictAnswer): StrictAnswer {
    violations.push(`${provider}: ${method} ${path}: ${problem}`);
    return refusal;
  }

  const server = createServer((incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      const [, provider = '', ...rest] = (incoming.url ?? '').split('/');
      const request: StrictRequest = {
        provider: provider as StrictProvider,
        method: incoming.method ?? '',
        path: `/${rest.join('/')}`,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const { status, body, headers } = judge(request);
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    })().catch(() => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (provider) => `http://127.0.0.1:${port}/${provider}`,
    requests,
    violations,
    script: (provider, ...answers) => void scripts.set(provider, [...(scripts.get(provider) ?? []), ...answers]),
    clear() {
      requests.length = 0;
      violations.length = 0;
      scripts.clear();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
