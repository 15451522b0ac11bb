import { z } from 'zod';
import { PERSONAL_LISTS } from './internal-schema.ts';
import { NAMED_SECTIONS, SECRET_KEYS, SECRET_LIST, workspaceSchema } from './schema.ts';
import { NAME_PATTERN } from './schema-text.ts';

const REFERENCE_PATTERN = '^\\$\\{(file:/[^{}]+|[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?)\\}$';
const HOLDS_REFERENCE = '\\$\\{[^{}]+\\}';

/**
 * JSON Schema (draft 2020-12) of a workspace file as people write it, for editors: secrets are references, and every other text with a
 * rule may hold a reference instead. Published as docs/workspace.schema.json.
 */
export function workspaceJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(workspaceSchema, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if (jsonSchema.type === 'object' && NAMED_SECTIONS.some((section) => section === path.at(-1))) {
        jsonSchema.propertyNames = { pattern: NAME_PATTERN.source };
      }
      if (jsonSchema.type !== 'string') return;
      const isInReferenceList = path.includes(SECRET_LIST) || path.some((part) => typeof part === 'string' && PERSONAL_LISTS.has(part));
      if (isInReferenceList || path.some((part) => typeof part === 'string' && SECRET_KEYS.has(part))) {
        delete jsonSchema.minLength;
        delete jsonSchema.allOf;
        jsonSchema.pattern = REFERENCE_PATTERN;
      } else if (jsonSchema.pattern !== undefined && !jsonSchema.pattern.endsWith(HOLDS_REFERENCE) && !path.includes('propertyNames')) {
        jsonSchema.pattern = `${jsonSchema.pattern}|${HOLDS_REFERENCE}`;
      }
    },
  });
  return {
    ...schema,
    $id: 'workspace.schema.json',
    title: 'messtrack workspace',
    description: 'One client: accounts, placements and settings. See docs/workspaces.md.',
  };
}
