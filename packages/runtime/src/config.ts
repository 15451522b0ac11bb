import { z } from 'zod';
import { type Secret, sealSecret } from './secret.ts';

/** One environment variable that is missing or wrong. */
export interface ConfigProblem {
  /** Name of the variable, or of the group the problem belongs to. */
  readonly name: string;
  /** What is wrong and what is expected. Never the value: a mistyped variable may hold a secret. */
  readonly problem: string;
}

/** The environment cannot be used; the message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly #problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`the environment has ${problems.length} problem(s):\n${problems.map(({ name, problem }) => `  ${name}: ${problem}`).join('\n')}`);
    // Node prints the stack of what ends the process at its start. Where in our code a variable was found missing helps nobody.
    this.stack = `${this.name}: ${this.message}`;
    this.#problems = problems;
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a service's settings from the environment by one schema and says everything that is wrong at once.
 *
 * The variable of a key is the key in UPPER_SNAKE_CASE, groups first: `kafka: z.object({ clientId })` reads KAFKA_CLIENT_ID, and a key that is upper
 * case already is taken as it is. `.meta({ env: 'NAME' })` as the last call overrides it. An empty variable counts as not set: that is what
 * `${NAME:-}` in a compose file gives.
 *
 * Rules are what variables demand of each other. They stand beside the schema because a refinement of an object is not looked at while one of its fields is wrong:
 * half a login would be found by the second start only.
 *
 * @throws ConfigError listing all problems, without values
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment, rules: readonly ConfigRule[] = []): z.output<S> {
  const parsed = schema.safeParse(pick(schema, env, ''));
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => toProblem(issue, schema, env));
  const missing = rules.flatMap((rule) => rule((name) => setValue(env, name) !== undefined));
  if (parsed.success && missing.length === 0) return parsed.data;
  throw new ConfigError([...wrong, ...missing]);
}

/** What is wrong with variables taken together, by which of them are set. */
export type ConfigRule = (isSet: (name: string) => boolean) => readonly ConfigProblem[];

/** Whoever sets one of `names` means all of `needed`: half of a login must not become none. */
export function whenAnyOf(names: readonly string[], needed: readonly string[]): ConfigRule {
  return (isSet) => {
    const given = names.filter(isSet);
    if (given.length === 0) return [];
    return needed
      .filter((name) => !isSet(name))
      .map((name) => ({ name, problem: `is required beside ${given.join(' and ')} and not set` }));
  };
}

/** One line of a reference of all variables. */
export interface ConfigVariable {
  readonly name: string;
  /** The schema's `.describe()` text; empty when it has none. */
  readonly description: string;
  readonly isRequired: boolean;
}

/** Every variable a schema reads, in its order: for `--help` and the operations page. */
export function configVariables(schema: z.ZodObject, prefix = ''): readonly ConfigVariable[] {
  return Object.entries(schema.shape).flatMap(([key, field]): readonly ConfigVariable[] => {
    const name = envName(key, field, prefix);
    const group = unwrapObject(field);
    if (group !== undefined) return configVariables(group, name);
    const isRequired = field instanceof z.ZodType ? !field.safeParse(undefined).success : true;
    return [{ name, description: describe(field), isRequired }];
  });
}

function pick(schema: z.ZodObject, env: Environment, prefix: string): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const name = envName(key, field, prefix);
    const group = unwrapObject(field);
    picked[key] = group === undefined ? setValue(env, name) : pick(group, env, name);
  }
  return picked;
}

function setValue(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

function envName(key: string, field: unknown, prefix: string): string {
  const override = field instanceof z.ZodType ? field.meta()?.['env'] : undefined;
  if (typeof override === 'string') return override;
  const own = /^[A-Z0-9_]+$/.test(key) ? key : key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
  return prefix === '' ? own : `${prefix}_${own}`;
}

function unwrapObject(field: unknown): z.ZodObject | undefined {
  if (field instanceof z.ZodObject) return field;
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault)
    return unwrapObject(field.unwrap());
  return undefined;
}

function describe(field: unknown): string {
  return field instanceof z.ZodType ? (field.description ?? '') : '';
}

function toProblem(issue: z.core.$ZodIssue, schema: z.ZodObject, env: Environment): ConfigProblem {
  let name = '';
  let field: unknown = schema;
  for (const step of issue.path) {
    const group = unwrapObject(field);
    if (group === undefined || typeof step !== 'string') break;
    field = group.shape[step];
    name = envName(step, field, name);
  }
  if (name === '') return { name: 'environment', problem: issue.message };
  const isLeaf = unwrapObject(field) === undefined;
  const hint = describe(field) === '' ? '' : ` (${describe(field)})`;
  const problem = isLeaf && setValue(env, name) === undefined ? 'is required and not set' : issue.message;
  return { name, problem: `${problem}${hint}` };
}

/** A secret: at least `minLength` characters, sealed so that nothing prints it. */
export function secret(minLength = 1): z.ZodType<Secret, string> {
  return z
    .string()
    .min(minLength, `must have at least ${minLength} character(s)`)
    .transform((value) => sealSecret(value));
}

/** A TCP port, 0 to 65,535; 0 takes a free one. */
export function port(): z.ZodType<number, string> {
  return integer(0, 65_535);
}

/** A whole number in a closed range. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** `true` or `false`, nothing else: `yes`, `1` and typing errors would otherwise switch something off in silence. */
export function flag(): z.ZodType<boolean, string> {
  return z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration with its unit, "250ms", "30s", "5m", "12h", "90d"; gives milliseconds. A bare number is refused: nobody knows its unit. */
export function duration(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a whole number with a unit: 250ms, 30s, 5m, 12h or 90d')
    .transform((value) => Number.parseInt(value, 10) * (UNIT_MS[value.replace(/^\d+/, '')] ?? 1));
}

/** An absolute URL with one of the given schemes, e.g. `url('http', 'https')`. Given back as text. */
export function url(...schemes: readonly [string, ...string[]]): z.ZodType<string, string> {
  return z.string().refine(
    (value) => {
      const parsed = URL.canParse(value) ? new URL(value) : undefined;
      return parsed !== undefined && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.host !== '';
    },
    `must be a URL starting with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  );
}

/** Values separated by commas, spaces around them dropped; at least one. */
export function list(): z.ZodType<readonly string[], string> {
  return z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    )
    .refine((values) => values.length > 0, 'must name at least one value, separated by commas');
}

/** Level of the log. */
export function logLevel(): z.ZodType<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent', string> {
  return z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be trace, debug, info, warn, error, fatal or silent');
}
