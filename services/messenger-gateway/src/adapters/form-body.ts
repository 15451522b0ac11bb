/** `application/x-www-form-urlencoded` bodies as flat texts. */

export type FormFields = ReadonlyMap<string, readonly string[]>;

/** Twilio's largest posts have some 60 fields and a few kB; parsing and sorting happen before anything is proved, so the bound is what a stranger may cost. */
const MAX_BYTES = 65_536;
const MAX_FIELDS = 512;

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
