import type { SourceKind } from '@messtrack/matcher/domain/source.ts';
import type { KindTally } from '../source-kinds.ts';
import { html, join, type Markup, NOTHING } from './markup.ts';
import { expected, percent } from './numbers.ts';

const KINDS: Readonly<Record<SourceKind, string>> = {
  ad: 'Ads',
  search: 'Search engines, unpaid',
  social: 'Social networks, unpaid',
  assistant: 'AI assistants',
  messenger: 'Links in messengers',
  email: 'E-mail',
  campaign: 'Tagged links of another kind',
  referral: 'Other sites',
  direct: 'Direct',
  unknown: 'Kind not told',
};

/** Nothing where no click said its kind. */
export function kindsTable(kinds: readonly KindTally[], leads: number): Markup {
  if (kinds.length === 0) return NOTHING;
  return html`<h2>Kinds of source</h2>
<table class="methods"><thead><tr><th scope="col">People came from</th><th scope="col" class="number">Expected leads</th></tr></thead><tbody>
${join(kinds.map((kind) => row(kind, leads)))}</tbody></table>
`;
}

function row({ source_kind: kind, expected: count, low, high }: KindTally, leads: number): Markup {
  const interval = high - low >= 0.1 ? html`<br><small>${expected(low)} to ${expected(high)}</small>` : NOTHING;
  return html`<tr><th scope="row">${kind === null ? 'No tracked click' : KINDS[kind]}<br><small>${percent(leads === 0 ? 0 : count / leads)}</small></th><td class="number">${expected(count)}${interval}</td></tr>
`;
}
