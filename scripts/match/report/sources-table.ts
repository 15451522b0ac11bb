import type { CampaignTally } from '../tally.ts';
import { html, join, type Markup, NOTHING } from './markup.ts';
import { expected, percent, plural, whole } from './numbers.ts';

/** More rows are no table that anybody reads; the rest is one line. */
const SHOWN = 40;

export function sourcesTable(campaigns: readonly CampaignTally[], leads: number): Markup {
  const named = campaigns.filter(({ campaign }) => campaign !== null);
  const shown = named.slice(0, SHOWN);
  const rest = named.slice(SHOWN);
  const nobody = campaigns.filter(({ campaign }) => campaign === null);
  const widest = Math.max(1, ...campaigns.map(({ high }) => high));
  return html`<table class="sources">
<thead><tr><th scope="col">Source</th><td class="chart"></td><th scope="col" class="number">Expected leads</th><th scope="col" class="number">of these certain</th></tr></thead>
<tbody>
${join([...shown, ...nobody].map((campaign) => row(campaign, widest, leads)))}${restRow(rest)}
</tbody></table>`;
}

function row({ campaign, expected: leads, low, high, certain }: CampaignTally, widest: number, all: number): Markup {
  const isNobody = campaign === null;
  const interval = high - low >= 0.1 ? html`<br><small>${expected(low)} to ${expected(high)}</small>` : NOTHING;
  return html`<tr class="${isNobody ? 'nobody' : ''}"><th scope="row">${campaign ?? 'No tracked click'}<br><small>${percent(all === 0 ? 0 : leads / all)}</small></th>
<td class="chart"><span class="bar"><i style="width:${share(low, widest)}"></i><u style="left:${share(low, widest)};width:${share(high - low, widest)}"></u></span></td>
<td class="number">${expected(leads)}${interval}</td><td class="number named">${isNobody ? '–' : whole(certain)}</td></tr>
`;
}

function restRow(rest: readonly CampaignTally[]): Markup {
  if (rest.length === 0) return NOTHING;
  const leads = rest.reduce((sum, each) => sum + each.expected, 0);
  const certain = rest.reduce((sum, each) => sum + each.certain, 0);
  return html`<tr><th scope="row">${plural(rest.length, 'smaller source')}</th><td class="chart"></td><td class="number">${expected(leads)}</td><td class="number named">${whole(certain)}</td></tr>`;
}

function share(value: number, widest: number): string {
  return `${((100 * value) / widest).toFixed(2)}%`;
}
