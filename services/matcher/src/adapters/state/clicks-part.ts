import { restore, windowSize } from '../../domain/click-window.ts';
import type { AccountState } from '../../domain/state.ts';
import type { ClickFacts } from '../../domain/touchpoint.ts';
import type { PackReader } from '../pack-reader.ts';
import { at, placeIn, readSource, writeSource } from '../packing.ts';
import type { StateWriter } from './state-writer.ts';

const DEVICES: readonly ClickFacts['device'][] = ['unknown', 'ios', 'android', 'desktop'];
const NETWORKS: readonly ClickFacts['network'][] = ['unknown', 'fixed', 'mobile', 'hosting', 'vpn'];
const BOT_SCORE_STEPS = 1_000;

export function writeClicks(to: StateWriter, { window }: AccountState): void {
  to.int(window.forgottenUpToMs);
  to.uint(windowSize(window));
  for (let index = window.head; index < window.clicks.length; index += 1) {
    const { facts, observedAtMs, isCandidate, isIndexed, usedBy, usedByLead } = window.clicks[index]!;
    to.text(facts.clickId);
    to.text(facts.code);
    to.int(facts.clickedAtMs);
    writeSource(to, facts.source);
    to.int(facts.greetingVariant);
    to.text(facts.visitorId);
    to.text(facts.country);
    to.text(facts.region);
    to.uint(placeIn(DEVICES, facts.device));
    to.uint(facts.languages.length);
    for (const language of facts.languages) to.text(language);
    to.uint(placeIn(NETWORKS, facts.network));
    to.stepped(facts.botScore, BOT_SCORE_STEPS);
    to.int(observedAtMs);
    to.flag(isCandidate);
    to.flag(isIndexed);
    to.text(usedBy);
    to.text(usedByLead);
    to.endItem();
  }
}

export function readClicks(from: PackReader, { window }: AccountState): void {
  window.forgottenUpToMs = from.int();
  for (let left = from.uint(); left > 0; left -= 1) {
    const facts: ClickFacts = {
      clickId: from.text(),
      code: from.text(),
      clickedAtMs: from.int(),
      source: readSource(from),
      greetingVariant: from.int(),
      visitorId: from.text(),
      country: from.commonText(),
      region: from.commonText(),
      device: at(DEVICES, from.uint()),
      languages: Array.from({ length: from.uint() }, () => from.commonText()),
      network: at(NETWORKS, from.uint()),
      botScore: from.stepped(BOT_SCORE_STEPS),
    };
    restore(window, {
      facts,
      observedAtMs: from.int(),
      isCandidate: from.flag(),
      isIndexed: from.flag(),
      usedBy: from.text(),
      usedByLead: from.text(),
    });
  }
}
