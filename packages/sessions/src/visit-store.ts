/**
 * The visit store: what ingest knows of a browser session, so that a click can be stamped with its source before it enters the log.
 * A fast path: a lost visit costs a click its first-touch source, never the click.
 */
export interface VisitStore {
  /** Encoded Visit, or null. Rejects when the store is away; the caller goes on without. */
  get(workspace: string, visitId: string): Promise<Uint8Array | null>;
  put(workspace: string, visitId: string, visit: Uint8Array, expiresAtMs: number): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
