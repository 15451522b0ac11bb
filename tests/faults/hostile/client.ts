/** Posts bytes as they are and says what came back: no client that would put hostile headers or bodies right. */
import { Agent, request } from 'node:http';

export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  /** `reset`: the connection was closed instead of an answer, as HTTP allows for bodies and headers beyond the limits. */
  readonly status: number | 'reset';
  readonly ms: number;
}

export interface Client {
  /** Sends again after a reset, as platforms do, unless a reset is an answer to this post. */
  post(post: Post, isResetAnAnswer?: boolean): Promise<Answer>;
  close(): void;
}

/** A server may close a kept connection just as the next request goes out, and node does not always tell that it was kept; a server that is gone resets them all. */
const MAX_TRIES = 5;

export function openClient(port: number, inFlight: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const once = ({ path, headers, body }: Post): Promise<Answer> => {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const done = (status: Answer['status']) => resolve({ status, ms: performance.now() - startedAt });
      const sent = request(
        { host: '127.0.0.1', port, agent, method: 'POST', path, headers: { ...headers, 'content-length': String(body.length) } },
        (response) => {
          response.on('error', () => done('reset'));
          response.on('end', () => done(response.statusCode ?? 'reset'));
          response.resume();
        },
      );
      sent.on('error', () => done('reset'));
      sent.end(body);
    });
  };
  return {
    async post(post, isResetAnAnswer = false) {
      for (let tries = 1; ; tries += 1) {
        const answer = await once(post);
        if (answer.status !== 'reset' || isResetAnAnswer || tries === MAX_TRIES) return answer;
      }
    },
    close: () => agent.destroy(),
  };
}
