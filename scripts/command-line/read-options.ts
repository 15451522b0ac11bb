import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The options of `npm run {command}`. What is mistyped is one line and exit code 2, because the stack of a parser says nothing to whoever has typed it. */
export function readOptions<const T extends ParseArgsConfig>(command: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nnpm run ${command} -- --help says how.\n`);
    process.exit(2);
  }
}
