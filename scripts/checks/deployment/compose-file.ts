import { parse } from 'yaml';
import { z } from 'zod';
import { withNothingSet } from './interpolation.ts';

const texts = z.array(z.coerce.string());

const service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: texts.default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  volumes: texts.default([]),
  tmpfs: texts.default([]),
  ports: texts.default([]),
  networks: texts.default([]),
  read_only: z.boolean().default(false),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: texts }).optional(),
});

const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()).default({}),
  networks: z.record(z.string(), z.unknown()).default({}),
});

export type ComposeService = z.output<typeof service>;
export type ComposeFile = z.output<typeof composeFile>;

/** A compose file as it is with nothing set, anchors and merges resolved. What is no compose file of our kind is a list of problems. */
export function readComposeFile(path: string, text: string): ComposeFile | readonly string[] {
  let value: unknown;
  try {
    value = parse(withNothingSet(text), { merge: true });
  } catch (error) {
    return [`${path}: ${error instanceof Error ? error.message : 'is no YAML'}`];
  }
  const parsed = composeFile.safeParse(value);
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map(({ path: at, message }) => `${path}: ${at.join('.')}: ${message}`);
}

export interface Mount {
  /** A path of the repository (`./…`) or the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly isWritable: boolean;
}

export function mountsOf({ volumes }: ComposeService): readonly Mount[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode = 'rw'] = volume.split(':');
    return { source, target, isWritable: !mode.split(',').includes('ro') };
  });
}
