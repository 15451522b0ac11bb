/** Whoever clicks five times in a row without writing is less and less likely to: the prior is shared among the surplus. */
export const RUN_FREE = 4;

export function runShare(run: number): number {
  return run <= RUN_FREE ? 1 : RUN_FREE / run;
}
