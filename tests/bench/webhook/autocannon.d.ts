/** The part of autocannon 9 that the benchmarks use; it ships no declarations. */
declare module 'autocannon' {
  export interface Request {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  }

  export interface Options extends Request {
    readonly url: string;
    /** Connections kept open side by side, each with one request at a time. */
    readonly connections?: number;
    /** Seconds. */
    readonly duration?: number;
    /** Sent in turn on every connection. */
    readonly requests?: readonly Request[];
  }

  export interface Result {
    readonly errors: number;
    readonly timeouts: number;
    readonly '2xx': number;
    readonly '3xx': number;
    readonly non2xx: number;
    /** Seconds. */
    readonly duration: number;
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly requests: { readonly total: number; readonly average: number };
  }

  export default function autocannon(options: Options): Promise<Result>;
}
