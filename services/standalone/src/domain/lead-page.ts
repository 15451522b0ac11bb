/** A row of the page's table of latest leads. */
export interface PageLead {
  readonly started_at: string;
  readonly account: string;
  readonly method: string;
  readonly utm_source: string;
  readonly utm_campaign: string;
  readonly placement: string;
  readonly probability: number;
  readonly state: string;
}

export interface PageNumbers {
  readonly clicks: number;
  readonly messages: number;
  readonly leads: number;
  readonly methods: readonly { readonly method: string; readonly leads: number }[];
  readonly latest: readonly PageLead[];
}

/** The page behind `GET /`: one self-contained document, no script, no foreign resource. */
export function renderPage(numbers: PageNumbers, workspaces: readonly string[]): string {
  const rows = numbers.latest.map(
    (lead) =>
      `<tr><td>${text(lead.started_at)}</td><td>${text(lead.account)}</td><td>${text(lead.method)}</td><td>${text(source(lead))}</td><td class="n">${(lead.probability * 100).toFixed(1)} %</td><td>${text(lead.state)}</td></tr>`,
  );
  const methods = numbers.methods.map(({ method, leads }) => `<li><b>${leads}</b> ${text(method)}</li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>messtrack</title>
<style>
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.sums { display: flex; gap: 2.5rem; margin: 1.5rem 0; } .sums b { display: block; font-size: 1.9rem; font-variant-numeric: tabular-nums; line-height: 1.2; }
ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; } code { font-size: .9em; } a { color: inherit; }
</style></head><body>
<h1>messtrack</h1>
<p>Which click became which lead. Workspaces: ${workspaces.map((name) => `<code>${text(name)}</code>`).join(', ')}.</p>
<div class="sums"><div><b>${numbers.clicks}</b>clicks</div><div><b>${numbers.messages}</b>messages</div><div><b>${numbers.leads}</b>leads</div></div>
${methods.length === 0 ? '' : `<h2>Leads by method</h2><ul>${methods.join('')}</ul>`}
<h2>Latest leads</h2>
${rows.length === 0 ? '<p>None yet. <code>npm run demo -- --url</code> with this address sends some.</p>' : `<div class="wide"><table><thead><tr><th>Written (UTC)</th><th>Account</th><th>Method</th><th>Source</th><th>Probability</th><th>State</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`}
<h2>Ask</h2>
<p><code>curl '/sql?query=SELECT+*+FROM+messtrack.leads+LIMIT+10'</code> · <a href="/metrics">metrics</a> · <a href="/readyz">readiness</a></p>
</body></html>
`;
}

function source(lead: PageLead): string {
  const parts = [lead.utm_source, lead.utm_campaign].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' / ') : lead.placement;
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
