/** ClickHouse's code for what has none of its own. */
export const UNKNOWN_EXCEPTION = 1002;

/** What the engine says no to, in ClickHouse's words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** ClickHouse's error code: 62 is a syntax error. UNKNOWN_EXCEPTION when the engine gave none. */
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
