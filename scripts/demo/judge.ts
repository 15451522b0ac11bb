import type { Person, Truth } from './people.ts';
import type { Ledger } from './player.ts';

/** A lead as the warehouse shows it: the columns of `leads` that the demo judges. */
export interface LeadRow {
  readonly lead_id: string;
  readonly account: string;
  readonly first_message_id: string;
  readonly method: string;
  readonly resolved_to: string;
  readonly click_id: string;
  readonly placement: string;
  readonly ad_id: string;
  readonly probability: number;
}

export interface Verdict {
  readonly right: number;
  readonly wrong: number;
  readonly unresolved: number;
}

export interface Report {
  readonly people: number;
  readonly expectedLeads: number;
  readonly foundLeads: number;
  readonly byMethod: Readonly<Record<string, Verdict>>;
  readonly byBehaviour: Readonly<Record<string, Verdict>>;
  readonly lost: { readonly leads: readonly string[]; readonly clicks: readonly string[]; readonly messages: readonly string[] };
  /** Leads that nobody in the truth started, by first message id. */
  readonly doubled: readonly string[];
}

export interface Warehouse {
  readonly leads: readonly LeadRow[];
  /** Code → click id, from `clicks`. */
  readonly clickIds: ReadonlyMap<string, string>;
  readonly messageIds: ReadonlySet<string>;
}

/** Holds what the warehouse says against what really happened. Pure. */
export function judge(people: readonly Person[], ledger: Ledger, warehouse: Warehouse): Report {
  const byMethod: Record<string, Verdict> = {};
  const byBehaviour: Record<string, Verdict> = {};
  const byFirstMessage = new Map<string, LeadRow[]>();
  for (const lead of warehouse.leads)
    byFirstMessage.set(lead.first_message_id, [...(byFirstMessage.get(lead.first_message_id) ?? []), lead]);

  const lostLeads: string[] = [];
  const doubled: string[] = [];
  let expectedLeads = 0;
  for (const person of people) {
    for (const expected of person.leads) {
      expectedLeads++;
      const found = byFirstMessage.get(expected.firstMessageId) ?? [];
      byFirstMessage.delete(expected.firstMessageId);
      const lead = found[0];
      if (lead === undefined) {
        lostLeads.push(expected.firstMessageId);
        continue;
      }
      if (found.length > 1) doubled.push(expected.firstMessageId);
      const verdict = verdictOn(lead, person, expected.truth, ledger, warehouse);
      tally(byMethod, lead.method, verdict);
      tally(byBehaviour, person.behaviour, verdict);
    }
  }
  doubled.push(...byFirstMessage.keys());
  return {
    people: people.length,
    expectedLeads,
    foundLeads: warehouse.leads.length,
    byMethod,
    byBehaviour,
    lost: {
      leads: lostLeads,
      clicks: [...ledger.acknowledgedClicks].filter((code) => !warehouse.clickIds.has(code)),
      messages: [...ledger.acknowledgedMessages].filter((id) => !warehouse.messageIds.has(id)),
    },
    doubled,
  };
}

function tally(into: Record<string, Verdict>, name: string, verdict: keyof Verdict): void {
  const before = into[name] ?? { right: 0, wrong: 0, unresolved: 0 };
  into[name] = { ...before, [verdict]: before[verdict] + 1 };
}

/** A lead that names a placement and no click is right when the person's click was there. A campaign or a source alone is half an answer. */
function verdictOn(lead: LeadRow, person: Person, truth: Truth, ledger: Ledger, warehouse: Warehouse): keyof Verdict {
  if (lead.method === 'unresolved') return 'unresolved';
  if (lead.method === 'probabilistic' && truth.kind === 'click' && lead.resolved_to !== 'click') {
    if (lead.resolved_to !== 'placement') return 'unresolved';
    const clicked = person.steps.some(
      (step) => 'click' in step && step.click === truth.click && 'placement' in step && step.placement === lead.placement,
    );
    return clicked ? 'right' : 'wrong';
  }
  return isRight(lead, truth, ledger, warehouse) ? 'right' : 'wrong';
}

function isRight(lead: LeadRow, truth: Truth, ledger: Ledger, warehouse: Warehouse): boolean {
  switch (truth.kind) {
    case 'click': {
      const code = ledger.codes.get(truth.click);
      return lead.click_id !== '' && code !== undefined && warehouse.clickIds.get(code) === lead.click_id;
    }
    case 'ad':
      return lead.ad_id === truth.adId;
    case 'placement':
      return lead.placement === truth.placement;
    case 'none':
      return lead.method === 'none';
    default:
      return truth satisfies never;
  }
}

export function lostCount(report: Report): number {
  return report.lost.leads.length + report.lost.clicks.length + report.lost.messages.length;
}
