import { CLICKED_AGAIN, greetingFactor, keptRate, LEAST_SILENT, leftOf, passedOnFactor, takenFactor } from './click-odds.ts';
import { runShare } from './click-run.ts';
import { CLAIMED, CODELESS, profileAt, slotOf } from './click-store.ts';
import type { Asked, Evidence } from './evidence.ts';
import { type EvidenceTerm, quantiseBits } from './lead.ts';
import { likelihood } from './likelihood.ts';
import { greetingOf, type Marks } from './marks.ts';
import { belowAt, densityAt } from './model/delay-curve.ts';
import { LATE_S, lateFactorAt } from './model/late-hours.ts';
import { DEVICES, NETWORKS } from './model/strata.ts';
import type { Posterior } from './posterior.ts';

type TermName =
  | 'prior'
  | 'delay'
  | 'country'
  | 'region'
  | 'language'
  | 'wording'
  | 'device'
  | 'silence'
  | 'taken'
  | 'competition'
  | 'noise'
  | 'burst';

interface Term {
  readonly term: TermName;
  readonly bits: number;
  readonly words: string;
}

/**
 * The evidence for the likeliest click and its runner-up, term by term: log2 of odds against "no click", which add up to the odds of the
 * posterior. Worked out again for these two alone, because the posterior keeps no terms for thousands of clicks.
 */
export function evidenceTerms(evidence: Evidence, asked: Asked, answer: Posterior): readonly EvidenceTerm[] {
  const [winner, runnerUp] = answer.options;
  if (winner === undefined) {
    return [{ term: 'prior', winnerBits: 0, runnerUpBits: 0, words: 'no tracked click of this account could have led to the message' }];
  }
  const first = termsOf(evidence, asked, winner.click, answer, NO_TERMS);
  const second = runnerUp === undefined ? NO_TERMS : termsOf(evidence, asked, runnerUp.click, answer, first);
  const terms: EvidenceTerm[] = first.map(({ term, bits, words }) => {
    const winnerBits = quantiseBits(bits);
    const runnerUpBits = quantiseBits(named(second, term)?.bits ?? 0);
    return { term, winnerBits, runnerUpBits, words: `${words}; ${signed(winnerBits)}` };
  });
  for (const { term, bits, words } of second) {
    if (named(first, term) !== undefined) continue;
    const runnerUpBits = quantiseBits(bits);
    terms.push({ term, winnerBits: 0, runnerUpBits, words: `of the runner-up alone: ${words}; ${signed(runnerUpBits)}` });
  }
  return terms;
}

const NO_TERMS: readonly Term[] = [];

function named(terms: readonly Term[], name: TermName): Term | undefined {
  for (const term of terms) if (term.term === name) return term;
  return undefined;
}

function signed(bits: number): string {
  return bits < 0 ? `−${-bits}` : `+${bits}`;
}

/** `worded`: of whatever is among these the words are another's, and nobody reads any here. Half of what was put into words for an answer nobody ever read. */
function termsOf(
  evidence: Evidence,
  asked: Asked,
  click: number,
  { burst, organicPerS }: Posterior,
  worded: readonly Term[],
): readonly Term[] {
  const { clicks, model } = evidence;
  const { marks, knownAtMs } = asked;
  const { platform } = model;
  const c = clicks.columns;
  const slot = slotOf(clicks, click);
  const profile = profileAt(clicks, slot);
  const clickedAtMs = c.clickedAtMs[slot]!;
  const keepCurve = model.keep(profile.device);
  const isCodeless = (c.flags[slot]! & CODELESS) !== 0;
  const loseCurve = isCodeless ? model.codeless(profile.device) : model.lose(profile.device);
  const rate = keptRate(model, profile);
  const left = leftOf(evidence.surges, clickedAtMs, profile, { rate, keepCurve }, knownAtMs);
  const run = c.run[slot]!;
  const odds = model.lossOdds()[profile.kind]!;
  const loss = odds / (1 + odds);
  const again = c.supersededAtMs[slot]! <= knownAtMs ? CLICKED_AGAIN : 1;
  const keep = rate * left * runShare(run) * again;
  const delayS = (marks.timeMs - clickedAtMs) / 1_000;
  const terms: Term[] = [];
  const say = (term: TermName, factor: number, words: () => string) => {
    if (factor === 1) return;
    terms.push({ term, bits: Math.log2(Math.max(factor, 1e-300)), words: named(worded, term) === undefined ? words() : '' });
  };

  const takenAtMs = c.takenAtMs[slot]!;
  const isFree = Number.isNaN(takenAtMs) || click === asked.asFree;
  const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
  const lossOdds = isCodeless ? 1 + odds : odds;
  const taken = isFree ? 1 : takenFactor(platform.forwardRate, model, keep, keepCurve, (takenAtMs - clickedAtMs) / 1_000);
  const afterS = (marks.timeMs - takenAtMs) / 1_000;
  const isClaimed = !isFree && (c.flags[slot]! & CLAIMED) !== 0 && afterS >= 0;
  // Both without what speaks alike for them: the marks, and messages of nobody's click.
  const passed = isClaimed ? passedOnFactor(model, afterS) * greetingFactor(model, evidence.variants, greeting, 'passed_on') : 0;
  const way = isCodeless ? 'codeless' : 'lost';
  const late = delayS >= LATE_S ? lateFactorAt(model, marks.timeMs) : 1;
  const own = keep * lossOdds * densityAt(loseCurve, delayS) * late * greetingFactor(model, evidence.variants, greeting, way) * taken;
  const isPassed = passed > own;
  const lossWords = () => (isCodeless ? 'this click carried no code' : `${percent(loss)} of those without their code`);
  const nobodyWords = () => `and messages of nobody's click come every ${span(1 / organicPerS)} at this hour`;
  if (isPassed) {
    const { rate: passedRate } = platform.passedOn;
    say('prior', passedRate, () => `${percent(passedRate)} of messages with their code are sent on to somebody who writes without it`);
    say(
      'delay',
      passedOnFactor(model, afterS) / passedRate / organicPerS,
      () => `came ${span(afterS)} after the message with the click's code, ${nobodyWords()}`,
    );
  } else {
    say('prior', rate * lossOdds, () => `${percent(rate * (1 + odds))} of such clicks lead to a message, ${lossWords()}`);
    say('noise', left * runShare(run) * again, () => noiseWords(left, run, again));
    say('delay', (densityAt(loseCurve, delayS) * late) / organicPerS, () => `${whenWords(delayS)}, ${lateWords(late)}${nobodyWords()}`);
  }
  if (burst > 1.01) say('burst', 1 / burst, () => `${burst.toFixed(1)} times as many messages without code as usual just then`);
  const marksSay = likelihood(model, profile, marks);
  say('country', marksSay.country, () => countryWords(marks, profile.country, NETWORKS[profile.network]!));
  say('region', marksSay.region, () =>
    profile.region === marks.region
      ? `phone and click both from region ${marks.region}`
      : `phone from region ${marks.region}, click from region ${profile.region}`,
  );
  say('language', marksSay.language, () => `writes ${marks.language}, the browser prefers ${profile.language}`);
  say('device', marksSay.device, () => `message from ${marks.device}, click on ${DEVICES[profile.device]!}`);
  say('wording', greetingFactor(model, evidence.variants, greeting, isPassed ? 'passed_on' : way), () =>
    wordingWords(evidence, marks, c.variant[slot]!, profile.source.placement),
  );
  if (isFree) {
    const ageS = Math.max(delayS, (knownAtMs - clickedAtMs) / 1_000);
    const kept = isCodeless ? 0 : belowAt(keepCurve, ageS);
    const silent = Math.max(LEAST_SILENT, 1 - keep * kept - keep * lossOdds * belowAt(loseCurve, ageS));
    say('silence', 1 / silent, () => silenceWords(isCodeless, ageS));
  } else {
    const factor = isPassed ? (passed + own) / passed : own > 0 ? (taken * (passed + own)) / own : taken;
    say('taken', factor, () => `another message brought the code of this click ${span((takenAtMs - clickedAtMs) / 1_000)} after it`);
  }
  const others = Math.max(0, c.openMass[slot]! - (asked.own.get(click) ?? 0));
  say(
    'competition',
    Math.max(0, 1 - c.usedMass[slot]!) / (1 + others),
    () => 'other messages without code may have come from this click too',
  );
  return terms;
}

/** A messenger stamps whole seconds and the browser's click is timed where it arrives: who writes at once may seem to write before. */
function whenWords(delayS: number): string {
  return delayS < 0 ? `wrote ${span(-delayS)} before the click reached us` : `wrote ${span(delayS)} after the click`;
}

/** Of the hour at which somebody comes back; nothing where it says next to nothing. */
function lateWords(factor: number): string {
  if (factor > 0.8 && factor < 1.25) return '';
  return `people come back at this hour ${factor.toFixed(1)} times as often as delays alone say, `;
}

function silenceWords(isCodeless: boolean, ageS: number): string {
  return isCodeless
    ? `most who write after such a click have done so within ${span(ageS)}, and nobody is known to have`
    : `no message has brought the code of this click in ${span(ageS)}`;
}

function noiseWords(left: number, run: number, again: number): string {
  const parts: string[] = [];
  if (again !== 1) parts.push('the same visitor clicked again after the message');
  if (left !== 1) parts.push(`${percent(left)} of what its flood of clicks promises`);
  if (runShare(run) !== 1) parts.push(`click number ${run} in a row of the same visitor`);
  return parts.join(', ');
}

function countryWords(marks: Marks, country: string, network: string): string {
  if (country === '') return `phone from ${marks.country}, as many of this campaign's`;
  if (country === marks.country) return `phone and click both from ${country}`;
  return `phone from ${marks.country}, click from ${country}${network === 'unknown' ? '' : ` (${network} network)`}`;
}

function wordingWords(evidence: Evidence, marks: Marks, variant: number, placement: string): string {
  switch (greetingOf(marks, variant, placement)) {
    case 'same':
      return `begins with the greeting that this click showed${evidence.variants > 1 ? `, one of ${evidence.variants}` : ''}`;
    case 'other':
      return 'begins with another greeting than this click showed';
    case 'words':
      return 'own words instead of the greeting';
    case 'silent':
      return '';
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function span(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
