// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { workspaceJsonSchema } from '../src/json-schema.ts';

describe('the JSON Schema for editors', () => {
  // Read back by the library that wrote it: what an editor does with the file.
  const schema = z.fromJSONSchema(workspaceJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  const demo = readFileSync(new URL('../../../examples/workspaces/demo.yaml', import.meta.url), 'utf8');

  it('accepts the demonstration as it is written', () => {
    expect(schema.safeParse(parse(demo)).error?.issues ?? []).toEqual([]);
  });

  it('accepts own people by reference and by pseudonym', () => {
    const own =
      '\ninternal: { phones: ["${STAFF}"], contacts: ["AAAAAAAAAAAAAAAAAAAAAA"], networks: ["203.0.113.0/24", "${OFFICE}"], parameter: qa }\n';
    expect(schema.safeParse(parse(demo + own)).error?.issues ?? []).toEqual([]);
  });

  it('accepts a reference in place of any text', () => {
    expect(schema.safeParse(parse(demo.replace('"+14155550100"', '"${PHONE}"'))).success).toBe(true);
  });

  it.each([
    ['a secret written out', demo.replace('${DEMO_WA_APP_SECRET:-demo-wa-app-secret}', 'literal')],
    ['a number of a person written out', `${demo}\ninternal: { phones: [ "+14155550142" ] }\n`],
    ['a key it does not know', `${demo}\ncolour: red\n`],
    ['a provider that is not supported', demo.replace('provider: telegram', 'provider: twilio')],
    ['a phone number without +', demo.replace('"+14155550100"', '"14155550100"')],
  ])('refuses %s', (_, text) => {
    expect(schema.safeParse(parse(text)).success).toBe(false);
  });
});
