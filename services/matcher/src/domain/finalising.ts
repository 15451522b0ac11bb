import { closeLead, FINAL_AFTER_MS } from './lead-book.ts';
import type { Scope } from './scope.ts';
import { finalAnswer } from './unidentified.ts';

/** Partition time has moved: what is due becomes final, in the order in which it became due. */
export function finaliseDue(scope: Omit<Scope, 'account'>): void {
  const { state } = scope;
  for (;;) {
    const due = state.due.pop(state.clockMs);
    if (due === undefined) return;
    const { owner: account, hash, sequence } = due;
    const opened = account.open.appointed(hash, sequence);
    if (opened === undefined) continue;
    const { lead } = opened;
    // A lead whose start has moved has two appointments: the one that fits its start counts.
    if (lead.startedAtMs + FINAL_AFTER_MS > state.clockMs) continue;
    const inAccount: Scope = { ...scope, account };
    account.open.delete(lead.leadId);
    closeLead(inAccount, lead, finalAnswer(inAccount, lead));
  }
}
