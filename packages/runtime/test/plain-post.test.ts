import { describe, expect, it } from 'vitest';
import { isPlainPost, plainTypes } from '../src/plain-post.ts';

const MAX_BODY_BYTES = 16_384;
const TYPES = plainTypes('application/json', 'text/plain');

describe('a plain post', () => {
  const headers = { 'content-type': 'application/json', 'content-length': '10' };
  it('says type and length', () => {
    expect(isPlainPost({ headers }, TYPES, MAX_BODY_BYTES)).toBe(true);
    expect(isPlainPost({ headers: { ...headers, 'content-length': String(MAX_BODY_BYTES) } }, TYPES, MAX_BODY_BYTES)).toBe(true);
  });

  it.each<Record<string, string | undefined>>([
    { 'content-type': undefined },
    { 'content-type': 'application/json, text/plain' },
    { 'content-length': undefined },
    { 'content-length': '0' },
    { 'content-length': '010' },
    { 'content-length': '1e3' },
    { 'content-length': '-1' },
    { 'content-length': String(MAX_BODY_BYTES + 1) },
    { 'transfer-encoding': 'chunked' },
  ])('is none with %j', (change) => {
    expect(isPlainPost({ headers: { ...headers, ...change } }, TYPES, MAX_BODY_BYTES)).toBe(false);
  });
});
