import type { Lead } from './domain/lead.ts';

/** Milliseconds since the Unix epoch, UTC. Wall time decides when a tick is worth writing, and nothing else. */
export type Clock = () => number;

/** Told of leads once their transaction is durable. */
export interface LeadListener {
  committed(leads: readonly Lead[]): void;
}

/** Leads by id and by contact, for people and bots who ask. */
export interface LeadDirectory {
  /** Newest revision; undefined when the workspace has no such lead. */
  lead(workspace: string, leadId: string): Promise<Lead | undefined>;
  /** Newest lead of the first of these contact keys that has one; undefined when none has. */
  leadOfContact(workspace: string, account: string, contactKeys: readonly string[]): Promise<Lead | undefined>;
}

/** Whose token it is. */
export interface TokenDirectory {
  /** Name of the workspace that has this API token; undefined when none has. The time taken tells nothing about any token. */
  workspaceOf(token: string): string | undefined;
}
