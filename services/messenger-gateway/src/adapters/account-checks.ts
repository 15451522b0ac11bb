/**
 * Asks the providers how our accounts are, and tells it as metrics and as records of the log. A webhook that is lost sends nothing, and nothing is what nobody notices.
 *
 * Only accounts whose file holds credentials are asked, and nobody but the account's own provider. An answer is written when it differs from the one before, and once a day.
 */
import { BusUnavailableError, type Producer } from '@messtrack/runtime/bus.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { AccountMetrics } from '../metrics.ts';
import { accountCheckRecord, type CheckResult } from './account-check-record.ts';
import { type AskPorts, checkAccount } from './account-questions.ts';

export interface AccountChecksOptions extends AskPorts {
  readonly workspaces: () => ReadonlyMap<string, Workspace>;
  readonly metrics: AccountMetrics;
  readonly producer: Pick<Producer, 'send'>;
  /** Pause between two rounds. Milliseconds. */
  readonly everyMs: number;
  readonly onSurprise: (error: unknown) => void;
}

export interface AccountChecks {
  /** What became known of an account otherwise, such as a token that was refused when a message was sent. */
  note(workspace: Workspace, account: Account, result: CheckResult): void;
  /** Asks all of them now; for tests and for the timer. */
  round(): Promise<void>;
  close(): void;
}

const WRITTEN_EVERY_MS = 86_400_000;

export function startAccountChecks(options: AccountChecksOptions): AccountChecks {
  const { metrics, producer, clock, everyMs, onSurprise } = options;
  const written = new Map<string, { readonly said: string; readonly atMs: number }>();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function tell(workspace: Workspace, account: Account, result: CheckResult): Promise<void> {
    metrics.check(workspace.name, account.name, result);
    const name = `${workspace.name}/${account.name}/${result.check}`;
    const said = `${result.isGood} ${result.detail} ${result.value}`;
    const nowMs = clock();
    const before = written.get(name);
    // By its size, here and where a sender keeps an answer: after the clock was set back it would else be kept until the clock has caught up.
    if (before !== undefined && before.said === said && Math.abs(nowMs - before.atMs) < WRITTEN_EVERY_MS) return;
    written.set(name, { said, atMs: nowMs });
    const where = { workspace, account: account.name, observedAtMs: nowMs, traceparent: undefined };
    try {
      await producer.send([accountCheckRecord(result, account.channel, where)]);
    } catch (error) {
      if (!(error instanceof BusUnavailableError)) throw error;
      // The next round says it again.
      written.delete(name);
    }
  }

  async function round(): Promise<void> {
    for (const workspace of options.workspaces().values())
      for (const account of workspace.accounts.values()) {
        if (isClosed) return;
        for (const result of await checkAccount(account, workspace, options)) await tell(workspace, account, result);
      }
  }

  function schedule(afterMs: number): void {
    timer = setTimeout(() => {
      round().then(() => {
        if (!isClosed) schedule(everyMs);
      }, onSurprise);
    }, afterMs).unref();
  }

  // Not at the start: a process that begins again and again would ask again and again.
  schedule(Math.min(everyMs, 30_000));
  return {
    note(workspace, account, result) {
      if (!isClosed) tell(workspace, account, result).catch(onSurprise);
    },
    round,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
