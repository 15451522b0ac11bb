/** One rule of the project that a machine can hold us to. */
export interface Check {
  /** What `npm run check <name>` calls it. */
  readonly name: string;
  /** What must hold, one sentence. */
  readonly rule: string;
  /** What to do when it does not. */
  readonly remedy: string;
  run(root: string): Promise<Findings>;
}

export interface Findings {
  /** Each fails the check; says where and what. */
  readonly problems: readonly string[];
  /** Worth knowing, fails nothing. */
  readonly notes?: readonly string[];
}
