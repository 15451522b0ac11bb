import { expect, it } from 'vitest';
import { newId } from '../src/adapters/outbound-records.ts';

it('every id is new, across the ends of the pool that they are cut from', () => {
  const ids = Array.from({ length: 2_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
});
