import { isObject } from './json-value.ts';

/** Long of protobuf.js, which Baileys counts time in, written as JSON: `{low, high, unsigned}`, each half a signed number of 32 bits. Everything else is given back as it is. */
export function longOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  const [low, high] = [halfOf(value['low']), halfOf(value['high'])];
  return low === undefined || high === undefined ? value['low'] : high * 2 ** 32 + (low >>> 0);
}

function halfOf(value: unknown): number | undefined {
  const half = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof half === 'number' ? half : undefined;
}
