import type { Lead, Method } from '@messtrack/matcher/domain/lead.ts';
import type { CodeLoss } from '@messtrack/matcher/domain/model/code-loss.ts';
import type { HiddenTest } from '../hidden-test.ts';
import type { LineCounts, MatchCounts } from '../match-history.ts';
import type { LeadTally } from '../tally.ts';
import { calibrationPlot } from './calibration-plot.ts';
import { exampleCard } from './example-card.ts';
import { kindsTable } from './kinds-table.ts';
import { html, join, type Markup, NOTHING } from './markup.ts';
import { GROUPS, type Group, groupCounts, METHODS } from './methods.ts';
import { day, expected, percent, plural, whole } from './numbers.ts';
import { readableBins } from './readable-bins.ts';
import { sourcesTable } from './sources-table.ts';
import { STYLE } from './style.ts';

export interface ReportFacts {
  readonly workspace: string | null;
  readonly tally: LeadTally;
  readonly hiddenTest: HiddenTest | undefined;
  readonly examples: readonly Lead[];
  readonly decoys: MatchCounts['decoys'];
  readonly codeLoss: readonly CodeLoss[];
  readonly lines: { readonly clicks: LineCounts; readonly messages: LineCounts };
  /** Leads before were learned from and are not in the report; null when all are. ISO 8601. */
  readonly trainUntil: string | null;
}

/** Fewer answers than this say nothing about how good they are. */
const ENOUGH_TESTED = 50;

/** The report as one HTML file: it asks nobody for anything, needs no script, and names no person. */
export function reportPage(facts: ReportFacts): string {
  const { tally, examples } = facts;
  const title = facts.workspace === null ? 'Where the leads came from' : `Where the leads of ${facts.workspace} came from`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body><main>
<h1>${title}</h1>
<p class="soft">${periodWords(facts)}</p>
${tally.leads === 0 ? html`<p class="lead">There are no leads in this history: no message in it started a conversation.</p>` : body(facts)}
${
  examples.length === 0
    ? NOTHING
    : html`<h2>${plural(examples.length, 'lead')}, explained</h2>
<p>Picked so that many kinds are shown, not by how well they turned out. Bits are the weight of a reason: each bit doubles or halves the odds.</p>
<ul class="examples">${join(examples.map(exampleCard))}</ul>`
}
${meaning()}
${footer(facts)}
</main></body>
</html>
`.markup;
}

function body({ tally, hiddenTest, decoys, codeLoss }: ReportFacts): Markup {
  const groups = groupCounts(tally.methods);
  return html`${headline(tally, groups)}
<h2>How the leads were found</h2>
${stack(groups, tally.leads)}
${methodsTable(tally.methods, tally.leads)}
<h2>Sources</h2>
<p>Each lead counts for a source by the probability that it came from there, so a lead that may have come from two sources counts for both in part.
The light end of a bar is the range in which the true number lies in 95 of 100 cases.</p>
${sourcesTable(tally.campaigns, tally.leads)}
${kindsTable(tally.source_kinds, tally.leads)}<h2>Can the probabilities be believed?</h2>
${trust(hiddenTest)}
${decoyWords(decoys)}${lossWords(codeLoss)}`;
}

function periodWords({ tally, trainUntil }: ReportFacts): string {
  if (tally.period === null) return 'No leads.';
  const { from, to } = tally.period;
  const days = day(from) === day(to) ? day(from) : `${day(from)} – ${day(to)}`;
  const before = trainUntil === null ? '' : `; what came before ${day(trainUntil)} was learned from and is not counted`;
  return `${days} · ${plural(tally.accounts, 'account')}${before}`;
}

function headline({ leads, expected: sums }: LeadTally, groups: Readonly<Record<Group, number>>): Markup {
  const { from_clicks: fromClicks } = sums;
  const lostWords = lostSentence(groups);
  return html`<p class="lead">Of ${plural(leads, 'conversation')}, ${whole(groups.certain)} (${percent(groups.certain / leads)}) have a known source. ${lostWords}</p>
<ul class="tiles">
<li><b>${whole(leads)}</b> leads</li>
<li><b>${expected(fromClicks.expected)}</b> from tracked clicks <small>(${expected(fromClicks.low)} to ${expected(fromClicks.high)})</small></li>
<li><b>${percent(groups.certain / leads)}</b> source known</li>
<li><b>${percent((groups.certain + groups.probable) / leads)}</b> source known or probable</li>
</ul>`;
}

/** What became of those without a known source; what there is none of is not mentioned. */
function lostSentence({ probable, none, open }: Readonly<Record<Group, number>>): string {
  const lost = probable + none + open;
  if (lost === 0) return 'None is left over.';
  const parts = [
    ...(probable > 0 ? [`for ${whole(probable)} one answer is likelier than all others together`] : []),
    ...(none > 0 ? [`${whole(none)} very likely came from no tracked click`] : []),
    ...(open > 0 ? [`for ${whole(open)} nothing can be said for sure`] : []),
  ];
  const last = parts.pop() ?? '';
  return `Of the other ${whole(lost)}, which came without: ${parts.length === 0 ? last : `${parts.join(', ')}, and ${last}`}.`;
}

const GROUP_ORDER: readonly Group[] = ['certain', 'probable', 'none', 'open'];

function stack(groups: Readonly<Record<Group, number>>, leads: number): Markup {
  const present = GROUP_ORDER.filter((group) => groups[group] > 0);
  return html`<div class="stack" aria-hidden="true">${join(present.map((group) => html`<span class="${group}" style="flex-grow:${groups[group]}"></span>`))}</div>
<ul class="legend">${join(present.map((group) => html`<li><span class="swatch ${group}"></span>${GROUPS[group]} ${percent(groups[group] / leads)}</li>`))}</ul>`;
}

function methodsTable(methods: Readonly<Partial<Record<Method, number>>>, leads: number): Markup {
  const rows = (Object.keys(METHODS) as Method[]).filter((method) => (methods[method] ?? 0) > 0);
  return html`<table class="methods"><thead><tr><th scope="col">Method</th><th scope="col">The lead …</th><th scope="col" class="number">Leads</th></tr></thead><tbody>
${join(
  rows.map(
    (
      method,
    ) => html`<tr><th scope="row">${METHODS[method].name}</th><td class="about">${METHODS[method].about}</td><td class="number">${whole(methods[method] ?? 0)}<br><small>${percent((methods[method] ?? 0) / leads)}</small></td></tr>
`,
  ),
)}</tbody></table>`;
}

function trust(test: HiddenTest | undefined): Markup {
  if (test === undefined || test.messages < ENOUGH_TESTED) {
    return html`<p>One identified lead in 64 is also asked about as if its code were lost, so that answers can be compared with the truth. In this history
these were ${whole(test?.messages ?? 0)}, too few to say more.</p>`;
  }
  const { messages, precision_at_80: precision, coverage_at_80: coverage, calibration_error: error } = test;
  const bins = readableBins(test.bins);
  const sureWords =
    precision === null
      ? 'No answer was as sure as 80 %.'
      : `Where an answer was at least 80 % sure, which was so for ${percent(coverage)} of them, it was right in ${percent(precision)} of the cases.`;
  return html`<div class="beside"><div>
<p>${whole(messages)} leads whose click is known were also asked about as if their code had been lost. What the answers said of clicks was then held
against the truth, which they had not seen.</p>
<p>${sureWords} On average, what was said and what was so differ by ${(error * 100).toFixed(1)} percentage points.</p>
<table><thead><tr><th scope="col">We said</th><th scope="col" class="number">it was right</th><th scope="col" class="number">answers</th></tr></thead><tbody>
${join(
  bins.map(
    ({ from, to, count, right }) =>
      html`<tr><th scope="row">${Math.round(from * 100)}–${Math.round(to * 100)} %</th><td class="number">${percent(right / count)}</td><td class="number">${whole(count)}</td></tr>`,
  ),
)}</tbody></table>
</div>${calibrationPlot(bins)}</div>`;
}

function decoyWords({ messages, confident }: MatchCounts['decoys']): Markup {
  if (messages < ENOUGH_TESTED) return NOTHING;
  return html`<p>The counter-check: for ${whole(messages)} messages without code the question was put again with the clicks moved in time, so that none
of them can be right. ${confident === 0 ? 'None of these' : html`${whole(confident)} (${percent(confident / messages)})`} got a click at 80 % or more.</p>`;
}

const DEVICE_WORDS: Readonly<Record<CodeLoss['device'], string>> = {
  ios: 'iOS',
  android: 'Android',
  desktop: 'desktops',
  unknown: 'other devices',
};
/** Below this the rate is what is usual elsewhere, and no finding. */
const ENOUGH_KEPT = 100;

function lossWords(losses: readonly CodeLoss[]): Markup {
  const known = losses.filter(({ device, kept }) => device !== 'unknown' && kept >= ENOUGH_KEPT);
  if (known.length === 0) return NOTHING;
  const rates = known.map(
    ({ device, rate, low, high }) => `${percent(rate)} on ${DEVICE_WORDS[device]} (${percent(low)} to ${percent(high)})`,
  );
  return html`<p>How often people lose or delete their code, by the last model: ${rates.join(', ')}.</p>`;
}

function meaning(): Markup {
  return html`<h2>What the numbers mean</h2>
<dl>
<dt>Lead</dt><dd>The start of a conversation: the first message of a person to an account, or the first after a long silence or with a new click's code.</dd>
<dt>Known source</dt><dd>The message carried an identifier, or the account or the person leaves no other source. Of identified leads about one in a thousand is wrong, mostly
because somebody passed a link on.</dd>
<dt>Probable source</dt><dd>The identifier was lost. Time, place, language, wording, device and how people of each campaign behave leave one answer likelier than all others
together. Its probability says how likely: at 80 % one in five such answers is wrong.</dd>
<dt>No tracked click</dt><dd>At least 80 % likely that no tracked click led to the message: word of mouth, an old contact, a number found elsewhere.</dd>
<dt>Not resolved</dt><dd>Several clicks or none could have led to it. It is given to nobody, but counts for each source by its probability.</dd>
<dt>Expected leads</dt><dd>The sum of all these probabilities. It is the best number to compare campaigns by: it neither drops uncertain leads nor gives them away whole.</dd>
<dt>95 % interval</dt><dd>Expected leads ± 1.96 × √Σ p(1 − p): what uncertainty about single leads does to the sum. It knows nothing of leads that were never recorded.</dd>
</dl>`;
}

function footer({ lines, trainUntil }: ReportFacts): Markup {
  const { clicks, messages } = lines;
  const bad = clicks.bad + messages.bad;
  const badWords =
    bad === 0 ? 'No line was skipped.' : `${plural(bad, 'line')} could not be read and ${bad === 1 ? 'was' : 'were'} skipped.`;
  const learned = trainUntil === null ? '' : ` Counted from ${trainUntil}.`;
  return html`<footer><p>Made from ${plural(clicks.good, 'click')} and ${plural(messages.good, 'message')}. ${badWords}${learned} Times are UTC.
No names, numbers or texts of people are in this page. Places of IP addresses, where they were looked up: IP Geolocation by DB-IP (CC BY 4.0).</p></footer>`;
}
