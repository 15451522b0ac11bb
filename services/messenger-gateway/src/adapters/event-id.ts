import { hash } from 'node:crypto';

/** Event ids end at 200 characters (proto Touchpoint.event_id); what is left for a provider's own id behind our prefix. */
const MAX_ID = 128;

/** A provider's id as part of an event id: as it is, or its SHA-256 where it is too long (Instagram's reach 200 characters). */
export function eventIdPart(id: string): string {
  return id.length <= MAX_ID ? id : hash('sha256', id, 'base64url');
}
