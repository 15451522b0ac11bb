import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VisitStore } from '../src/visit-store.ts';
import { newSpace, until } from './join-contract.ts';

export interface VisitHarness {
  open(): Promise<VisitStore>;
}

/** Everything `visit-store.ts` promises while the store is there. */
export function visitContract(name: string, { open }: VisitHarness): void {
  describe(`visit store contract: ${name}`, () => {
    let store: VisitStore;
    beforeAll(async () => {
      store = await open();
      // A store that answers at once needs its connection first.
      await until(() =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
    });
    afterAll(() => store.close());

    it('gives back the last bytes put, per workspace', async () => {
      const [one, other] = [newSpace(), newSpace()];
      const later = Date.now() + 60_000;
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.put(one, 'v', Buffer.from('first'), later);
      await store.put(one, 'v', bytes, later);
      await store.put(other, 'v', new Uint8Array(0), later);
      expect(Uint8Array.from((await store.get(one, 'v')) ?? [])).toEqual(bytes);
      expect((await store.get(other, 'v'))?.length).toBe(0);
      expect(await store.get(one, 'none')).toBeNull();
    });

    it('forgets a visit after its time, and not before the time of the last put', async () => {
      const space = newSpace();
      const soon = Date.now() + 200;
      await store.put(space, 'gone', Buffer.from('x'), soon);
      await store.put(space, 'extended', Buffer.from('x'), soon);
      await store.put(space, 'extended', Buffer.from('y'), soon + 60_000);
      await until(async () => (await store.get(space, 'gone')) === null);
      expect(Buffer.from((await store.get(space, 'extended')) ?? []).toString()).toBe('y');
    });

    it('refuses an id longer than a key may be', async () => {
      await expect(store.get('acme', 'x'.repeat(600))).rejects.toBeInstanceOf(RangeError);
      await expect(store.put('acme', 'x'.repeat(600), new Uint8Array(1), Date.now())).rejects.toBeInstanceOf(RangeError);
    });
  });
}
