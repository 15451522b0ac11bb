import { type ClickStore, liveClicks, profileAt, putBack, slotOf } from '../../domain/click-store.ts';
import { BOT_BINS, botScoreOf, DEVICES, NETWORKS } from '../../domain/model/strata.ts';
import { CLICK_ID, CODE, factOf, sourceWith, VISITOR } from '../../domain/packed-facts.ts';
import type { PackReader } from '../pack-reader.ts';
import { readSource, writeSource } from '../packing.ts';
import type { StateWriter } from './state-writer.ts';

/** Claims of open questions are sums of doubles that were added and taken away: only the very bits give the same answers again. */
export function writeClicks(to: StateWriter, store: ClickStore): void {
  to.int(store.forgottenUpToMs);
  to.uint(store.first);
  to.uint(liveClicks(store));
  const c = store.columns;
  for (let number = store.first; number < store.next; number += 1) {
    const slot = slotOf(store, number);
    const facts = c.facts[slot]!;
    const profile = profileAt(store, slot);
    to.text(factOf(facts, CLICK_ID));
    to.text(factOf(facts, CODE));
    writeSource(to, sourceWith(facts, profile.source));
    to.text(factOf(facts, VISITOR));
    to.text(profile.country);
    to.text(profile.region);
    to.text(profile.language);
    to.uint(profile.device);
    to.uint(profile.network);
    to.uint(profile.stratum % BOT_BINS);
    to.int(c.clickedAtMs[slot]!);
    to.int(c.observedAtMs[slot]!);
    to.int(c.variant[slot]!);
    to.uint(c.flags[slot]!);
    to.uint(c.run[slot]!);
    to.int(c.before[slot]!);
    const superseded = c.supersededAtMs[slot]!;
    to.int(superseded === Number.POSITIVE_INFINITY ? 0 : superseded);
    const taken = c.takenAtMs[slot]!;
    to.int(Number.isNaN(taken) ? 0 : taken);
    to.stepped(c.openMass[slot]!, 1);
    to.stepped(c.usedMass[slot]!, 1);
    const claim = store.claims.get(number);
    to.text(claim?.contact ?? '');
    if (claim !== undefined) to.text(claim.leadId);
    const commit = store.commits.get(number);
    to.text(commit?.leadId ?? '');
    if (commit !== undefined) {
      to.text(commit.contact);
      to.double(commit.probability);
    }
    to.endItem();
  }
  to.uint(store.matured.length);
  for (const number of store.matured) to.uint(number);
  to.uint(store.cells.size);
  for (const { campaign, fromMs, mass, clicks } of store.cells.values()) {
    to.text(campaign);
    to.int(fromMs);
    to.double(mass);
    to.uint(clicks);
    to.endItem();
  }
}

export function readClicks(from: PackReader, store: ClickStore): void {
  store.forgottenUpToMs = from.int();
  store.first = from.uint();
  store.next = store.first;
  for (let left = from.uint(); left > 0; left -= 1) {
    const clickId = from.text();
    const code = from.text();
    const source = readSource(from);
    const visitorId = from.text();
    const country = from.commonText();
    const region = from.commonText();
    const language = from.commonText();
    const device = DEVICES[from.uint()]!;
    const network = NETWORKS[from.uint()]!;
    const botScore = botScoreOf(from.uint()) ?? -1;
    const clickedAtMs = from.int();
    const observedAtMs = from.int();
    const greetingVariant = from.int();
    const click = {
      clickId,
      code,
      source,
      visitorId,
      country,
      region,
      languages: language === '' ? [] : [language],
      device,
      network,
      botScore,
      clickedAtMs,
      greetingVariant,
    };
    const number = putBack(store, click, observedAtMs, from.uint());
    const slot = slotOf(store, number);
    const c = store.columns;
    c.run[slot] = from.uint();
    c.before[slot] = from.int();
    c.supersededAtMs[slot] = from.int() || Number.POSITIVE_INFINITY;
    c.takenAtMs[slot] = from.int() || Number.NaN;
    c.openMass[slot] = from.stepped(1);
    c.usedMass[slot] = from.stepped(1);
    const contact = from.text();
    if (contact !== '') store.claims.set(number, { contact, leadId: from.text() });
    const leadId = from.text();
    if (leadId !== '') store.commits.set(number, { leadId, contact: from.text(), probability: from.double() });
  }
  for (let left = from.uint(); left > 0; left -= 1) store.matured.push(from.uint());
  for (let left = from.uint(); left > 0; left -= 1) {
    const cell = { campaign: from.text(), fromMs: from.int(), mass: from.double(), clicks: from.uint() };
    store.cells.set(`${cell.fromMs}/${cell.campaign}`, cell);
  }
}
