/** Lines of the processes' logs, counted: an outage must not flood them. */
export interface LogLines {
  take(instance: string, line: string): void;
  /** Lines so far. */
  count(): number;
  /** By "instance: level message", most frequent first. Lines that are no JSON of ours are counted by their first words. */
  table(most?: number): Readonly<Record<string, number>>;
  /** What ended a process: "instance: message: its error with the causes", without stacks, which hold paths of one machine. */
  readonly fatal: readonly string[];
}

export function countLines(): LogLines {
  const counts = new Map<string, number>();
  const fatal: string[] = [];
  let total = 0;
  return {
    fatal,
    take(instance, line) {
      total += 1;
      const words = wordsOf(line);
      const key = `${instance}: ${words}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (words.startsWith('fatal')) fatal.push(`${key}: ${errorOf(line)}`);
    },
    count: () => total,
    table: (most = 25) => Object.fromEntries([...counts].sort(([, a], [, b]) => b - a).slice(0, most)),
  };
}

function wordsOf(line: string): string {
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: string; readonly msg?: string };
    return `${level} ${msg}`;
  } catch {
    return `printed ${line.slice(0, 60)}`;
  }
}

/** Of a line that is known to be one of ours. */
function errorOf(line: string): string {
  const { err } = JSON.parse(line) as { readonly err?: { readonly message?: string } };
  return err?.message ?? 'no error';
}
