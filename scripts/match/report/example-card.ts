import { explain } from '@messtrack/matcher/domain/explain.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { givenName } from '../account-name.ts';
import { html, join, type Markup } from './markup.ts';
import { METHODS } from './methods.ts';
import { minute } from './numbers.ts';

/** What weighs less changes the odds by less than a thirtieth, and is no reason to anybody. */
const LIGHTEST_BITS = 0.05;

/** A lead as its evidence tells it. Neither contact nor message: their ids may hold a phone number. */
export function exampleCard(lead: Lead): Markup {
  const weighty = lead.evidence.filter(
    ({ winnerBits, runnerUpBits }) => Math.max(Math.abs(winnerBits), Math.abs(runnerUpBits)) >= LIGHTEST_BITS,
  );
  const [answer = '', ...reasons] = explain(weighty.length === 0 ? lead : { ...lead, evidence: weighty });
  // The last sentence says which revision this is: every lead here is as its history left it.
  const shown = reasons.slice(0, -1);
  return html`<li><small>${METHODS[lead.method].name} · ${givenName(lead.account)} · ${minute(lead.startedAtMs)} UTC</small>
<h3>${answer}</h3>
<ul>${join(shown.map((reason) => html`<li>${reason}</li>`))}</ul>
</li>
`;
}
