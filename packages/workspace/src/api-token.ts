import { createHash, timingSafeEqual } from 'node:crypto';
import type { Workspace } from './workspace.ts';

/**
 * True when `presented` is one of the workspace's API tokens. Hashing first makes the lengths equal, and every token is compared,
 * so that the time taken tells nothing about which token, or how much of one, was right.
 */
export function isApiToken(workspace: Workspace, presented: string): boolean {
  const digest = sha256(presented);
  let matches = false;
  for (const token of workspace.apiTokens) {
    if (timingSafeEqual(sha256(token.reveal()), digest)) matches = true;
  }
  return matches;
}

/** The token of an `Authorization: Bearer TOKEN` value, or undefined when it is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
