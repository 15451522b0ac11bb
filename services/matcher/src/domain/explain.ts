import type { Lead } from './lead.ts';

/** §5's classes: what a probability means to people. */
export type Sureness = 'certain' | 'very_likely' | 'likely' | 'unresolved';

export function sureness(lead: Lead): Sureness {
  if (lead.method === 'unresolved' || lead.probability < 0.5) return 'unresolved';
  if (lead.probability >= 0.95) return 'certain';
  return lead.probability >= 0.8 ? 'very_likely' : 'likely';
}

const SURENESS_WORDS: Readonly<Record<Sureness, string>> = {
  certain: 'certain in practice',
  very_likely: 'very likely',
  likely: 'likely',
  unresolved: 'not resolved',
};

/** The decision in sentences: the answer, then the reasons by weight, then what else was possible and where it stands. */
export function explain(lead: Lead): readonly string[] {
  const reasons = lead.evidence.toSorted((a, b) => Math.abs(b.winnerBits) - Math.abs(a.winnerBits)).map(({ words }) => sentence(words));
  const others = lead.candidates.filter((candidate) => candidate.clickId !== lead.clickId);
  const alternatives =
    others.length === 0 ? [] : [`${others.length} other click(s) were possible; the likeliest at ${percent(others[0]!.probability)}.`];
  return [
    `${answerWords(lead)} (${SURENESS_WORDS[sureness(lead)]}, ${percent(lead.probability)}).`,
    ...reasons,
    ...alternatives,
    stateWords(lead),
  ];
}

function answerWords(lead: Lead): string {
  const from = lead.source === undefined ? '' : ` ${sourceWords(lead)}`;
  switch (lead.resolvedTo) {
    case 'click':
      return `The lead came from click ${lead.clickId}${from === '' ? '' : `,${from}`}`;
    case 'placement':
    case 'campaign':
    case 'source':
      return `The lead came from${from}; the click is not known`;
    case 'none':
      return lead.method === 'unresolved' ? 'Where the lead came from is not known' : 'No tracked click led to this message';
  }
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

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(2)} %`;
}
