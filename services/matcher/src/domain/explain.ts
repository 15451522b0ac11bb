import type { EvidenceTerm, Lead } from './lead.ts';

/** §5's classes: what a probability means to people. */
export type Sureness = 'certain' | 'very_likely' | 'likely' | 'unresolved';

export function sureness(lead: Lead): Sureness {
  if (lead.method === 'unresolved' || lead.probability < 0.5) return 'unresolved';
  if (lead.probability >= 0.95) return 'certain';
  return lead.probability >= 0.8 ? 'very_likely' : 'likely';
}

const SURENESS_WORDS: Readonly<Record<Exclude<Sureness, 'unresolved'>, string>> = {
  certain: 'certain in practice',
  very_likely: 'very likely',
  likely: 'likely',
};

/** The decision in sentences: the answer, then the reasons by weight, then what else was possible and where it stands. */
export function explain(lead: Lead): readonly string[] {
  const reasons = lead.evidence.toSorted((a, b) => weight(b) - weight(a)).map((term) => `${reason(term)}.`);
  return [`${answerWords(lead)}.`, ...contextWords(lead), ...reasons, ...othersWords(lead), ...warmingWords(lead), stateWords(lead)];
}

function weight({ winnerBits, runnerUpBits }: EvidenceTerm): number {
  return Math.max(Math.abs(winnerBits), Math.abs(runnerUpBits));
}

/** With the weight for the runner-up where it differs: what speaks alike for both decides nothing between them. */
function reason({ words, winnerBits, runnerUpBits }: EvidenceTerm): string {
  const isTold = winnerBits !== 0 && runnerUpBits !== 0 && runnerUpBits !== winnerBits;
  const versus = isTold ? ` (runner-up ${signed(runnerUpBits)})` : '';
  return upperFirst(`${words}${versus}`);
}

function answerWords(lead: Lead): string {
  const grade = sureness(lead);
  if (grade === 'unresolved') return `Where the lead came from is not resolved: ${possibleWords(lead)}`;
  const sure = `(${SURENESS_WORDS[grade]}, ${percent(lead.probability)})`;
  const from = lead.source === undefined ? '' : sourceWords(lead);
  switch (lead.resolvedTo) {
    case 'click':
      return `The lead came from click ${lead.clickId}${from === '' ? '' : `, ${from}`} ${sure}`;
    case 'placement':
    case 'campaign':
    case 'source':
      return `The lead came from ${from} ${sure}; which click it was is not known`;
    case 'none':
      return `No tracked click led to this message ${sure}`;
  }
}

/** "k possible visits": how the mass lies where nothing reached one half. */
function possibleWords(lead: Lead): string {
  const [best] = lead.candidates;
  const none = `that no tracked click led to it: ${percent(lead.pNone)}`;
  if (best === undefined) return none;
  return `${counted(lead, lead.candidates.length, 'possible click')}, the likeliest at ${percent(best.probability)}; ${none}`;
}

/** The terms weigh a click. Where none is named, people must be told which. */
function contextWords(lead: Lead): readonly string[] {
  if (lead.clickId !== '' || !isWeighed(lead)) return [];
  const [best] = lead.candidates;
  if (best === undefined) return ['What follows is said of the best of the clicks, none of which is likely:'];
  return [`What follows is said of the likeliest click, ${best.clickId}, at ${percent(best.probability)}:`];
}

/** Row 6 has weighed clicks against each other and against none. */
function isWeighed({ method, candidatesScanned }: Lead): boolean {
  return candidatesScanned > 0 && (method === 'probabilistic' || method === 'unresolved' || method === 'none');
}

function othersWords(lead: Lead): readonly string[] {
  if (lead.method === 'unresolved') return [];
  const others = lead.candidates.filter((candidate) => candidate.clickId !== lead.clickId);
  const [best] = others;
  if (best === undefined) return [];
  const count = others.length;
  const which = counted(lead, count, lead.clickId === '' ? 'click' : 'other click');
  const were = count === 1 ? 'was possible; it stands' : 'were possible; the likeliest stands';
  return [upperFirst(`${which} ${were} at ${percent(best.probability)}.`)];
}

function warmingWords(lead: Lead): readonly string[] {
  if (!lead.warming || !isWeighed(lead)) return [];
  return ['The account is new (fewer than 100 leads with an identifier, less than two days): this rests on what is usual elsewhere.'];
}

function sourceWords({ source }: Lead): string {
  if (source === undefined) return '';
  const parts = [
    named('placement', source.placement),
    named('campaign', source.utmCampaign),
    named('source', source.utmSource),
    named('ad', source.adId),
    ...source.clickIds.map(([name]) => `a ${name}`),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'a source without a name' : parts.join(', ');
}

function named(what: string, value: string): string {
  return value === '' ? '' : `${what} "${value}"`;
}

function stateWords(lead: Lead): string {
  const late = lead.late ? ' Its first message reached us more than a day after it was written.' : '';
  switch (lead.state) {
    case 'provisional':
      return `Revision ${lead.revision} is provisional: it may change until an hour after the message.${late}`;
    case 'final':
      return `Revision ${lead.revision} is final.${late}`;
    case 'corrected':
      return `Revision ${lead.revision} corrects a final decision.${late}`;
  }
}

/** Listed are those that count, at most 16; what is left of the mass says that there are more. */
function counted({ pOther }: Lead, count: number, what: string): string {
  return `${pOther > 0 && count > 1 ? 'more than ' : ''}${count} ${what}${count === 1 ? '' : 's'}`;
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function signed(bits: number): string {
  return bits < 0 ? `−${-bits}` : `+${bits}`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(2)} %`;
}
