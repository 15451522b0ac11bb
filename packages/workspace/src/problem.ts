/** One thing wrong with a workspace file, in words for the person who edits it. Never holds a resolved value. */
export interface Problem {
  readonly file: string;
  /** Keys from the top of the file, joined by dots; empty for the file as a whole. */
  readonly path: string;
  /** Counted from 1; 0 when the problem is no place in the file. */
  readonly line: number;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** `acme.yaml:7 accounts.sales-wa.phone: must be …` */
export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}` : problem.file;
  return problem.path === '' ? `${place}: ${problem.message}` : `${place} ${problem.path}: ${problem.message}`;
}

/** Workspaces cannot be used; the message lists every problem of every file. */
export class WorkspaceError extends Error {
  override readonly name = 'WorkspaceError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      `${problems.length} problem${problems.length === 1 ? '' : 's'} in workspace files:\n${problems.map((p) => `  ${formatProblem(p)}`).join('\n')}`,
    );
    this.problems = problems;
  }
}
