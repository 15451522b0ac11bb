/** One thing looked at. */
export interface HealthFinding {
  readonly name: string;
  readonly isOk: boolean;
  /**
   * What is wrong, for people: an error's class and code, or what it says for this very purpose (`healthDetail`), never its message, which may hold an
   * address with a password. Empty when fine.
   */
  readonly detail: string;
}

export interface HealthReport {
  readonly isOk: boolean;
  readonly findings: readonly HealthFinding[];
}

export interface Health {
  /** A dependency that must answer for the service to be ready. Resolves: it answers. Rejects or takes too long: not ready. */
  addCheck(name: string, check: () => Promise<void>): void;
  /**
   * A loop that must move for the process to be alive: `lastTickMs` gives when it last turned (by `performance.now()`), and it must never be
   * older than `maxAgeMs`. A loop waiting on an absent dependency still turns; one that does not is stuck, and only a restart helps.
   */
  addProgress(name: string, lastTickMs: () => number, maxAgeMs: number): void;
  /** Alive: every loop turns. Says nothing of dependencies: restarting us does not bring Kafka back. */
  live(): HealthReport;
  /** Ready: the start is over, every dependency answers, and we are not stopping. */
  ready(): Promise<HealthReport>;
  /** Until this is called `ready` says no: a dependency that has not been added yet answers nothing, and traffic would come too early. */
  setStarted(): void;
  /** What the start waits for, for people, no address: `ready` says it until the start goes on (undefined). */
  setWaiting(reason: string | undefined): void;
  /** From here on `ready` says no, so that no new work is sent here while the old drains. */
  setStopping(): void;
}

export interface HealthOptions {
  /** How long one check may take. Milliseconds. Default 2,000: below the 3 s an orchestrator's probe usually waits. */
  readonly checkTimeoutMs?: number;
  /** Milliseconds, by a clock that nobody sets. Default `performance.now()`. */
  readonly now?: () => number;
}

interface Progress {
  readonly name: string;
  readonly ageMs: number;
  readonly maxAgeMs: number;
}

export function createHealth(options: HealthOptions = {}): Health {
  const checkTimeoutMs = options.checkTimeoutMs ?? 2_000;
  const now = options.now ?? (() => performance.now());
  const checks: { readonly name: string; readonly check: () => Promise<void> }[] = [];
  const loops: { readonly name: string; readonly lastTickMs: () => number; readonly maxAgeMs: number }[] = [];
  let phase: Phase = 'starting';
  let waiting: string | undefined;

  return {
    addCheck(name, check) {
      checks.push({ name, check });
    },
    addProgress(name, lastTickMs, maxAgeMs) {
      loops.push({ name, lastTickMs, maxAgeMs });
    },
    live() {
      return judgeLive(loops.map((loop) => ({ name: loop.name, ageMs: now() - loop.lastTickMs(), maxAgeMs: loop.maxAgeMs })));
    },
    async ready() {
      const findings = await Promise.all(checks.map(({ name, check }) => runCheck(name, check, checkTimeoutMs)));
      return judgeReady(findings, phase, waiting);
    },
    setStarted() {
      if (phase === 'starting') phase = 'started';
    },
    setWaiting(reason) {
      waiting = reason;
    },
    setStopping() {
      phase = 'stopping';
    },
  };
}

/** The judgement of liveness: alive when no loop is older than its bound. */
export function judgeLive(loops: readonly Progress[]): HealthReport {
  const findings = loops.map(({ name, ageMs, maxAgeMs }): HealthFinding => {
    const isOk = ageMs <= maxAgeMs;
    return { name, isOk, detail: isOk ? '' : `has not moved for ${ageMs} ms, bound ${maxAgeMs} ms` };
  });
  return { isOk: findings.every((finding) => finding.isOk), findings };
}

/** Where a service is in its life. */
export type Phase = 'starting' | 'started' | 'stopping';

/** The judgement of readiness: ready when every check is fine and the service has started and is not stopping. `waiting` says what its start waits for. */
export function judgeReady(findings: readonly HealthFinding[], phase: Phase, waiting?: string): HealthReport {
  const detail = phase === 'starting' && waiting !== undefined ? `${phase}, ${waiting}` : phase;
  const all: readonly HealthFinding[] = phase === 'started' ? findings : [...findings, { name: 'lifecycle', isOk: false, detail }];
  return { isOk: all.every((finding) => finding.isOk), findings: all };
}

async function runCheck(name: string, check: () => Promise<void>, timeoutMs: number): Promise<HealthFinding> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<HealthFinding>((resolve) => {
    timer = setTimeout(() => resolve({ name, isOk: false, detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  const answered = Promise.resolve()
    .then(check)
    .then(
      (): HealthFinding => ({ name, isOk: true, detail: '' }),
      (error: unknown): HealthFinding => ({ name, isOk: false, detail: classOf(error) }),
    );
  try {
    return await Promise.race([answered, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function classOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  // Written for this: an error that carries it vouches that it holds nothing of anybody.
  if ('healthDetail' in error && typeof error.healthDetail === 'string') return `${error.name}: ${error.healthDetail}`;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
