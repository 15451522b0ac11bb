import type { Method } from '@messtrack/matcher/domain/lead.ts';

export type Group = 'certain' | 'probable' | 'none' | 'open';

export interface MethodWords {
  readonly name: string;
  /** Completes "The lead …". */
  readonly about: string;
  readonly group: Group;
}

/** In the order in which they are tried. */
export const METHODS: Readonly<Record<Method, MethodWords>> = {
  hidden_id: { name: 'Hidden identifier', about: 'came with an identifier the person does not see', group: 'certain' },
  exact_id: { name: 'Code in the message', about: 'brought the code of its click', group: 'certain' },
  damaged_id: { name: 'Damaged code', about: 'brought a code with one slip that fits one click only', group: 'certain' },
  forward: { name: 'Forwarded code', about: 'brought a code that somebody else had brought before: same source', group: 'certain' },
  dedicated_account: { name: 'Dedicated account', about: 'wrote to an account that serves one source only', group: 'certain' },
  returning_contact: { name: 'Known contact', about: 'is a person who came from this source before', group: 'certain' },
  correction: { name: 'Correction', about: 'was assigned by somebody who knows', group: 'certain' },
  probabilistic: { name: 'Probability', about: 'had lost its code; one answer is likelier than all others together', group: 'probable' },
  none: { name: 'No tracked click', about: 'very likely came from no tracked click', group: 'none' },
  unresolved: { name: 'Not resolved', about: 'could have come from several clicks or from none', group: 'open' },
};

export const GROUPS: Readonly<Record<Group, string>> = {
  certain: 'Known source',
  probable: 'Probable source',
  none: 'No tracked click',
  open: 'Not resolved',
};

/** Leads by group; a group that no lead is in has 0. */
export function groupCounts(methods: Readonly<Partial<Record<Method, number>>>): Readonly<Record<Group, number>> {
  const counts: Record<Group, number> = { certain: 0, probable: 0, none: 0, open: 0 };
  for (const [method, { group }] of Object.entries(METHODS) as [Method, MethodWords][]) counts[group] += methods[method] ?? 0;
  return counts;
}
