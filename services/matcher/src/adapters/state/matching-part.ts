import type { AccountMatching } from '../../domain/account-matching.ts';
import { remember } from '../../domain/burst.ts';
import type { Marks } from '../../domain/marks.ts';
import { type AccountStatistics, emptyAccountStatistics, LATELY } from '../../domain/model/account-statistics.ts';
import { noAudience } from '../../domain/model/audience.ts';
import { REACHES } from '../../domain/model/mixing-share.ts';
import { DEVICES } from '../../domain/model/strata.ts';
import type { Tally } from '../../domain/model/tally.ts';
import { newQuestion } from '../../domain/open-question.ts';
import { Cohorts, follow } from '../../domain/surge.ts';
import type { Wording } from '../../domain/touchpoint.ts';
import type { PackReader } from '../pack-reader.ts';
import { readNumbers, readTally, writeNumbers, writeTally } from './numbers.ts';
import type { Chunks, StateWriter } from './state-writer.ts';

const WORDINGS: readonly Wording[] = ['unknown', 'greeting', 'other'];

/** What row 6 knows of an account beside its clicks. */
export function* writeMatching(to: StateWriter, matching: AccountMatching): Chunks {
  const { surges, recent, questions, variants, learned, basis } = matching;
  to.uint(variants);
  to.int(surges.bucket);
  to.uint(surges.clicksInBucket);
  to.uint(surges.tracked.size);
  for (const [bucket, cohorts] of surges.tracked) {
    to.int(bucket);
    to.uint(cohorts.size);
    for (const [number, { clicks, responses }] of cohorts) {
      to.text(surges.names.name(number));
      to.uint(clicks);
      to.uint(responses);
    }
    if (to.isFull) yield* to.full();
  }
  to.uint(recent.byLead.size);
  for (const { leadId, timeMs } of recent.byLead.values()) {
    to.text(leadId);
    to.int(timeMs);
    if (to.isFull) yield* to.full();
  }
  to.uint(recent.identified.size);
  for (const [minute, messages] of recent.identified) {
    to.int(minute);
    to.uint(messages);
  }
  to.uint(questions.size);
  for (const { leadId, contact, marks, truth, claims } of questions.values()) {
    to.text(leadId);
    to.text(contact);
    writeMarks(to, marks);
    to.int(truth);
    to.uint(claims.size);
    for (const [click, claim] of claims) {
      to.uint(click);
      to.double(claim);
    }
    if (to.isFull) yield* to.full();
  }
  to.int(matching.clock.offsetMs);
  for (const samples of [matching.clock.lagsS, matching.clock.delaysS]) {
    to.uint(samples.length);
    for (const sample of samples) to.stepped(sample, 1_000);
  }
  to.uint(matching.concluded.length);
  for (const each of matching.concluded) {
    to.int(each.timeMs);
    to.uint(each.weight);
    to.text(each.country);
    to.uint(WORDINGS.indexOf(each.wording));
    to.uint(each.variants);
    to.double(each.burst);
    to.uint(each.held === undefined ? 0 : 1 + REACHES.indexOf(each.held));
    to.uint(each.rest.length);
    for (const number of each.rest) to.stepped(number, 1);
    to.uint(each.kinds.length);
    for (const number of each.kinds) to.stepped(number, 1);
    to.uint(each.options.length);
    for (const number of each.options) to.stepped(number, 1);
    to.uint(each.campaigns.length);
    for (const campaign of each.campaigns) to.text(campaign);
    if (to.isFull) yield* to.full();
  }
  to.uint(matching.stretch.number);
  to.uint(matching.stretch.held);
  to.double(matching.stretch.excess);
  writeStatistics(to, learned);
  writeStatistics(to, basis);
}

export function readMatching(from: PackReader, matching: AccountMatching): void {
  const { surges, recent, questions, learned } = matching;
  matching.variants = from.uint();
  surges.bucket = from.int();
  surges.clicksInBucket = from.uint();
  for (let left = from.uint(); left > 0; left -= 1) {
    const bucket = from.int();
    const cohorts = new Cohorts();
    for (let rest = from.uint(); rest > 0; rest -= 1) follow(surges, cohorts, from.text(), { clicks: from.uint(), responses: from.uint() });
    surges.tracked.set(bucket, cohorts);
  }
  for (let left = from.uint(); left > 0; left -= 1) {
    remember(recent, { leadId: from.text(), timeMs: from.int() });
  }
  for (let left = from.uint(); left > 0; left -= 1) recent.identified.set(from.int(), from.uint());
  for (let left = from.uint(); left > 0; left -= 1) {
    const leadId = from.text();
    const question = newQuestion(leadId, from.text(), readMarks(from), from.int());
    for (let rest = from.uint(); rest > 0; rest -= 1) question.claims.set(from.uint(), from.double());
    questions.set(leadId, question);
  }
  matching.clock.offsetMs = from.int();
  for (const samples of [matching.clock.lagsS, matching.clock.delaysS]) {
    for (let left = from.uint(); left > 0; left -= 1) samples.push(from.stepped(1_000));
  }
  for (let left = from.uint(); left > 0; left -= 1) {
    const timeMs = from.int();
    matching.concluded.push({
      timeMs,
      weight: from.uint(),
      hour: new Date(timeMs).getUTCHours(),
      country: from.commonText(),
      wording: WORDINGS[from.uint()]!,
      variants: from.uint(),
      burst: from.double(),
      held: REACHES[from.uint() - 1],
      rest: Array.from({ length: from.uint() }, () => from.stepped(1)),
      kinds: Array.from({ length: from.uint() }, () => from.stepped(1)),
      options: Array.from({ length: from.uint() }, () => from.stepped(1)),
      campaigns: Array.from({ length: from.uint() }, () => from.commonText()),
    });
  }
  matching.stretch.number = from.uint();
  matching.stretch.held = from.uint();
  matching.stretch.excess = from.double();
  readStatistics(from, learned);
  matching.basis = { ...emptyAccountStatistics(), audience: noAudience() };
  readStatistics(from, matching.basis);
}

function writeMarks(to: StateWriter, marks: Marks): void {
  to.text(marks.messageId);
  to.int(marks.timeMs);
  to.text(marks.country);
  to.text(marks.region);
  to.text(marks.language);
  to.uint(DEVICES.indexOf(marks.device));
  to.uint(WORDINGS.indexOf(marks.wording));
  to.int(marks.greetingVariant);
  to.text(marks.greetingPlacement);
}

function readMarks(from: PackReader): Marks {
  return {
    messageId: from.text(),
    timeMs: from.int(),
    country: from.commonText(),
    region: from.commonText(),
    language: from.commonText(),
    device: DEVICES[from.uint()]!,
    wording: WORDINGS[from.uint()]!,
    greetingVariant: from.int(),
    greetingPlacement: from.commonText(),
  };
}

function writeStatistics(to: StateWriter, s: AccountStatistics): void {
  to.int(s.fadedAtMs);
  to.uint(s.seen);
  to.double(s.identified);
  to.double(s.organic);
  to.double(s.observedS);
  to.double(s.keepersElsewhere);
  to.double(s.losers);
  for (const key of LATELY) to.double(s.lately[key]);
  for (const numbers of [s.organicHours, s.identifiedHours, s.lateHours, s.delays, s.keepers]) writeNumbers(to, numbers);
  for (const tally of talliesOf(s)) writeTally(to, tally);
  for (const campaigns of byCampaign(s)) {
    to.uint(campaigns.size);
    for (const [campaign, tally] of campaigns) {
      to.text(campaign);
      writeTally(to, tally);
    }
  }
}

function readStatistics(from: PackReader, s: AccountStatistics): void {
  s.fadedAtMs = from.int();
  s.seen = from.uint();
  s.identified = from.double();
  s.organic = from.double();
  s.observedS = from.double();
  s.keepersElsewhere = from.double();
  s.losers = from.double();
  for (const key of LATELY) s.lately[key] = from.double();
  for (const numbers of [s.organicHours, s.identifiedHours, s.lateHours, s.delays, s.keepers]) readNumbers(from, numbers);
  for (const tally of talliesOf(s)) readTally(from, tally);
  for (const campaigns of byCampaign(s)) {
    for (let left = from.uint(); left > 0; left -= 1) {
      const tally: Tally = new Map();
      campaigns.set(from.commonText(), tally);
      readTally(from, tally);
    }
  }
}

function talliesOf(s: AccountStatistics) {
  return [s.exposure, s.responses, s.home, s.organicHome, s.region, s.language, s.audience.browser];
}

function byCampaign(s: AccountStatistics) {
  return [s.campaignHome, s.campaignRegion, s.audience.campaignHome];
}
