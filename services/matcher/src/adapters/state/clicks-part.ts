import { type ClickStore, liveClicks, putBack, slotOf, stand } from '../../domain/click-store.ts';
import { BOT_BINS, botScoreOf, DEVICES, NETWORKS } from '../../domain/model/strata.ts';
import type { ProfileFacts } from '../../domain/profiles.ts';
import type { PackReader } from '../pack-reader.ts';
import { readSource, writeSource } from '../pack-source.ts';
import type { Chunks, StateWriter } from './state-writer.ts';

/** What most clicks do not have is written only where it is. */
const SUPERSEDED = 1;
const TAKEN = 2;
const OPEN_MASS = 4;
const USED_MASS = 8;
const CLAIMED = 16;
const COMMITTED = 32;
const IN_A_ROW = 64;

/** Claims of open questions are sums of doubles that were added and taken away: only the very bits give the same answers again. */
export function* writeClicks(to: StateWriter, store: ClickStore): Chunks {
  to.int(store.forgottenUpToMs);
  to.uint(store.first);
  const places = yield* writeProfiles(to, store);
  to.uint(liveClicks(store));
  let clickedBeforeMs = 0;
  for (let number = store.first; number < store.next; number += 1) {
    clickedBeforeMs = writeClick(to, store, number, places, clickedBeforeMs);
    if (to.isFull) yield* to.full();
  }
  to.uint(store.matured.length);
  for (const number of store.matured) to.uint(number);
  to.uint(store.cells.size);
  for (const { campaign, fromMs, mass, clicks } of store.cells.values()) {
    to.text(campaign);
    to.int(fromMs);
    to.double(mass);
    to.uint(clicks);
    if (to.isFull) yield* to.full();
  }
}

/** Each profile once, in the order in which clicks name them; returns their places by index. */
function* writeProfiles(to: StateWriter, store: ClickStore): Generator<Uint8Array, ReadonlyMap<number, number>, undefined> {
  const { profile } = store.columns;
  const places = new Map<number, number>();
  for (let number = store.first; number < store.next; number += 1) {
    const index = profile[slotOf(store, number)]!;
    if (!places.has(index)) places.set(index, places.size);
  }
  to.uint(places.size);
  for (const index of places.keys()) {
    const { source, country, region, language, device, network, stratum } = store.profiles.read(index);
    writeSource(to, source);
    to.text(country);
    to.text(region);
    to.text(language);
    to.uint(device);
    to.uint(network);
    to.uint(stratum % BOT_BINS);
    if (to.isFull) yield* to.full();
  }
  return places;
}

function writeClick(
  to: StateWriter,
  store: ClickStore,
  number: number,
  places: ReadonlyMap<number, number>,
  clickedBeforeMs: number,
): number {
  const c = store.columns;
  const slot = slotOf(store, number);
  const clickedAtMs = c.clickedAtMs[slot]!;
  const superseded = c.supersededAtMs[slot]!;
  const taken = c.takenAtMs[slot]!;
  const open = c.openMass[slot]!;
  const used = c.usedMass[slot]!;
  const before = c.before[slot]!;
  const claim = store.claims.get(number);
  const commit = store.commits.get(number);
  to.uint(
    (superseded === Number.POSITIVE_INFINITY ? 0 : SUPERSEDED) |
      (Number.isNaN(taken) ? 0 : TAKEN) |
      (open === 0 ? 0 : OPEN_MASS) |
      (used === 0 ? 0 : USED_MASS) |
      (claim === undefined ? 0 : CLAIMED) |
      (commit === undefined ? 0 : COMMITTED) |
      (before < 0 && c.run[slot] === 1 ? 0 : IN_A_ROW),
  );
  to.text(c.facts[slot]!);
  to.uint(places.get(c.profile[slot]!)!);
  // Times of neighbours are alike, and differences short.
  to.int(clickedAtMs - clickedBeforeMs);
  to.int(c.observedAtMs[slot]! - clickedAtMs);
  to.int(c.variant[slot]!);
  to.uint(c.flags[slot]!);
  if (superseded !== Number.POSITIVE_INFINITY) to.int(superseded - clickedAtMs);
  if (!Number.isNaN(taken)) to.int(taken - clickedAtMs);
  if (open !== 0) to.double(open);
  if (used !== 0) to.double(used);
  if (claim !== undefined) {
    to.text(claim.contact);
    to.text(claim.leadId);
  }
  if (commit !== undefined) {
    to.text(commit.leadId);
    to.text(commit.contact);
    to.double(commit.probability);
  }
  if (before >= 0 || c.run[slot] !== 1) {
    to.int(before);
    to.uint(c.run[slot]!);
  }
  return clickedAtMs;
}

export function readClicks(from: PackReader, store: ClickStore): void {
  store.forgottenUpToMs = from.int();
  store.first = from.uint();
  store.next = store.first;
  const profiles = readProfiles(from);
  const indexes: (number | undefined)[] = [];
  let clickedBeforeMs = 0;
  for (let left = from.uint(); left > 0; left -= 1) clickedBeforeMs = readClick(from, store, profiles, indexes, clickedBeforeMs);
  for (let left = from.uint(); left > 0; left -= 1) store.matured.push(from.uint());
  for (let left = from.uint(); left > 0; left -= 1) {
    const cell = { campaign: from.text(), fromMs: from.int(), mass: from.double(), clicks: from.uint() };
    store.cells.set(`${cell.fromMs}/${cell.campaign}`, cell);
  }
}

function readProfiles(from: PackReader): readonly ProfileFacts[] {
  return Array.from({ length: from.uint() }, (): ProfileFacts => {
    const source = readSource(from);
    const country = from.commonText();
    const region = from.commonText();
    const language = from.commonText();
    return {
      source,
      country,
      region,
      languages: language === '' ? [] : [language],
      device: DEVICES[from.uint()]!,
      network: NETWORKS[from.uint()]!,
      botScore: botScoreOf(from.uint()) ?? -1,
    };
  });
}

function readClick(
  from: PackReader,
  store: ClickStore,
  profiles: readonly ProfileFacts[],
  indexes: (number | undefined)[],
  clickedBeforeMs: number,
): number {
  const has = from.uint();
  const facts = from.text();
  const place = from.uint();
  const known = indexes[place];
  const profile = known ?? store.profiles.enter(profiles[place]!);
  if (known === undefined) indexes[place] = profile;
  else store.profiles.again(profile);
  const clickedAtMs = from.int() + clickedBeforeMs;
  const observedAtMs = from.int() + clickedAtMs;
  const number = putBack(store, { facts, profile, clickedAtMs, observedAtMs, variant: from.int(), flags: from.uint() });
  const slot = slotOf(store, number);
  const c = store.columns;
  if ((has & SUPERSEDED) !== 0) c.supersededAtMs[slot] = from.int() + clickedAtMs;
  if ((has & TAKEN) !== 0) c.takenAtMs[slot] = from.int() + clickedAtMs;
  if ((has & OPEN_MASS) !== 0) c.openMass[slot] = from.double();
  if ((has & USED_MASS) !== 0) c.usedMass[slot] = from.double();
  if ((has & CLAIMED) !== 0) store.claims.set(number, { contact: from.text(), leadId: from.text() });
  if ((has & COMMITTED) !== 0) store.commits.set(number, { leadId: from.text(), contact: from.text(), probability: from.double() });
  if ((has & IN_A_ROW) !== 0) {
    c.before[slot] = from.int();
    c.run[slot] = from.uint();
  }
  stand(store, slot);
  return clickedAtMs;
}
