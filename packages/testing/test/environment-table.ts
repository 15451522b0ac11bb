import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Defaults inside the repository are written from its root: the page is the same on every machine. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The environment of a service as a table of docs/operations.md, from the schema that reads it. */
export function environmentTable(schema: z.ZodObject): string {
  const rows = Object.entries(schema.shape).map(([name, field]) => {
    const type = field instanceof z.ZodType ? field : z.never();
    return `| \`${name}\` | ${defaultOf(type)} | ${type.description ?? ''} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function defaultOf(field: z.ZodType): string {
  const unset = field.safeParse(undefined);
  if (!unset.success) return '**required**';
  if (unset.data === undefined) return 'not set';
  const text = String(unset.data);
  // A duration is milliseconds inside and carries its unit outside.
  return `\`${field.safeParse(text).success ? text.replace(ROOT, '') : `${text}ms`}\``;
}
