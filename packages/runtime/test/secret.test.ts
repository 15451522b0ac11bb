import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { anySecretEquals, sealSecret, secretEquals } from '../src/secret.ts';

const VALUE = 'hunter2-app-secret';

describe('a sealed secret', () => {
  const sealed = sealSecret(VALUE);

  it('is printed by no serialiser', () => {
    const printed = [
      String(sealed),
      `${sealed}`,
      JSON.stringify({ sealed, list: [sealed] }),
      inspect({ sealed }, { showHidden: true, depth: 10, getters: true }),
      JSON.stringify(Object.entries(sealed)),
      JSON.stringify({ ...sealed }),
      JSON.stringify(structuredCloneOrNothing(sealed)),
    ];
    for (const text of printed) expect(text).not.toContain(VALUE);
    expect(JSON.stringify({ sealed })).toBe('{"sealed":"[secret]"}');
    expect(inspect(sealed)).toBe('[secret]');
  });

  it('gives its value to reveal only', () => {
    expect(sealed.reveal()).toBe(VALUE);
  });

  it('equals its value and nothing else, also of another length', () => {
    expect(secretEquals(sealed, VALUE)).toBe(true);
    expect(secretEquals(sealed, `${VALUE} `)).toBe(false);
    expect(secretEquals(sealed, '')).toBe(false);
    expect(secretEquals(sealed, 'x'.repeat(VALUE.length))).toBe(false);
  });

  it('is found among several, and none is found among none', () => {
    expect(anySecretEquals([sealSecret('a'), sealed, sealSecret('b')], VALUE)).toBe(true);
    expect(anySecretEquals([sealSecret('a')], VALUE)).toBe(false);
    expect(anySecretEquals([], VALUE)).toBe(false);
  });
});

function structuredCloneOrNothing(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}
