import { assertKey } from './versions.ts';

/** @throws RangeError for a visit id nobody of ours made: longer than a key may be */
export function visitKey(workspace: string, visitId: string): string {
  const key = `${workspace}/${visitId}`;
  assertKey(key);
  return key;
}
