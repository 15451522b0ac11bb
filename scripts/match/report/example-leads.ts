import { sureness } from '@messtrack/matcher/domain/explain.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';

const EXAMPLES = 10;

/** What people ask about first stands first; each kind gives one lead, then each a second, until there are ten. */
const KINDS = [
  'probabilistic certain',
  'probabilistic very_likely',
  'probabilistic likely',
  'unresolved',
  'none',
  'exact_id',
  'forward',
  'damaged_id',
  'returning_contact',
  'dedicated_account',
  'hidden_id',
] as const;
type Kind = (typeof KINDS)[number];

export interface ExampleLeads {
  add(lead: Lead): void;
  /** At most ten of many kinds, in the order of their first messages. */
  result(): readonly Lead[];
}

/** A sample that depends on the leads and not on chance: of each kind those with the smallest ids, which are hashes. */
export function createExampleLeads(): ExampleLeads {
  const byKind = new Map<Kind, Lead[]>();
  return {
    add(lead) {
      const kind = kindOf(lead);
      if (kind === undefined) return;
      const kept = byKind.get(kind) ?? [];
      if (kept.length === EXAMPLES && lead.leadId >= kept.at(-1)!.leadId) return;
      const at = kept.findIndex((other) => lead.leadId < other.leadId);
      kept.splice(at < 0 ? kept.length : at, 0, lead);
      if (kept.length > EXAMPLES) kept.pop();
      byKind.set(kind, kept);
    },
    result() {
      const chosen: Lead[] = [];
      for (let rank = 0; rank < EXAMPLES; rank += 1) {
        for (const kind of KINDS) {
          const lead = byKind.get(kind)?.[rank];
          if (lead !== undefined && chosen.length < EXAMPLES) chosen.push(lead);
        }
      }
      return chosen.sort((a, b) => a.startedAtMs - b.startedAtMs);
    },
  };
}

function kindOf(lead: Lead): Kind | undefined {
  const name = lead.method === 'probabilistic' ? `probabilistic ${sureness(lead)}` : lead.method;
  return KINDS.find((kind) => kind === name);
}
