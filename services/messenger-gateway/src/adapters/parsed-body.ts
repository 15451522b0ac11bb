type Parsed = { readonly value: unknown } | undefined;

/** One is enough: proof, parse and routing of a webhook follow one another without anything between. A map of weak keys cost a fifth of the whole reading. */
let latest: { readonly body: Buffer; readonly result: Parsed } | undefined;

/**
 * JSON of a body, parsed once. For providers whose secret stands inside the body: proving it needs the value before anything is authentic, and the body is
 * not read a second time for that. What was parsed is used only after the proof. Never throws.
 */
export function parsedBody(body: Buffer): Parsed {
  if (latest?.body !== body) latest = { body, result: parse(body) };
  return latest.result;
}

function parse(body: Buffer): Parsed {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}
