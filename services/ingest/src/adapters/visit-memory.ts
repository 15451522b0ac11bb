import type { VisitStore } from '@messtrack/sessions/visit-store.ts';
import type { VisitMemory } from '../ports.ts';
import { visitSource } from './codec.ts';

export interface VisitMemoryOptions {
  /** How long a click waits for what is known of its visit. Milliseconds. */
  readonly timeoutMs: number;
  /** Told of every call the store did not answer. */
  readonly onFailure: (operation: 'get' | 'put') => void;
}

/** The visit store behind a deadline; its failures are counted and cost the click nothing but the source of its visit. */
export function createVisitMemory(store: VisitStore, options: VisitMemoryOptions): VisitMemory {
  async function within<T>(operation: 'get' | 'put', call: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the visit store did not answer in time')), options.timeoutMs);
    });
    try {
      return await Promise.race([call, expired]);
    } catch {
      options.onFailure(operation);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async sourceOf(workspace, visitId) {
      const bytes = await within('get', store.get(workspace, visitId));
      return bytes === undefined || bytes === null ? undefined : visitSource(bytes);
    },
    async keep(workspace, visitId, visit, expiresAtMs) {
      await within('put', store.put(workspace, visitId, visit, expiresAtMs));
    },
  };
}
