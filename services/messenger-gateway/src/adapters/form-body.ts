/** `application/x-www-form-urlencoded` bodies as flat texts. */

export type FormFields = ReadonlyMap<string, readonly string[]>;

/** Twilio's largest posts have some 60 fields and a few kB; parsing and sorting happen before anything is proved, so the bound is what a stranger may cost. */
const MAX_BYTES = 65_536;
const MAX_FIELDS = 512;

/** One is enough: proof and parse of a webhook follow one another without anything between. */
let latest: { readonly body: Buffer; readonly fields: FormFields | undefined } | undefined;

/** The fields of a body, taken apart once: what is signed at Twilio are the fields, and the same are read when the signature is right. */
export function formFields(body: Buffer): FormFields | undefined {
  if (latest?.body !== body) latest = { body, fields: parseForm(body) };
  return latest.fields;
}

/** Undefined when it is larger than any provider's. A repeated name keeps all its values; what is no valid percent-encoding stands for itself. */
export function parseForm(body: Buffer): FormFields | undefined {
  if (body.length > MAX_BYTES) return undefined;
  const fields = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    count += 1;
    if (count > MAX_FIELDS) return undefined;
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}
