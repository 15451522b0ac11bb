const parsed = new WeakMap<Buffer, { readonly value: unknown } | undefined>();

/**
 * JSON of a body, parsed once. For providers whose secret stands inside the body: proving it needs the value before anything is authentic, and the body is
 * not read a second time for that. What was parsed is used only after the proof. Never throws.
 */
export function parsedBody(body: Buffer): { readonly value: unknown } | undefined {
  if (parsed.has(body)) return parsed.get(body);
  const result = parse(body);
  parsed.set(body, result);
  return result;
}

function parse(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}
