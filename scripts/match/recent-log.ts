import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Shelves } from '@messtrack/matcher/domain/shelves.ts';
import type { Source } from '@messtrack/matcher/domain/source.ts';
import { type ClickTouchpoint, decisionTimeMs, type MessageTouchpoint } from '@messtrack/matcher/domain/touchpoint.ts';

export type Recent = ClickTouchpoint | MessageTouchpoint;

/** The touchpoints of an account that are kept, oldest arrival first: when each arrived, and what it was on a shelf. */
interface Kept {
  observedAtMs: number[];
  head: number;
  /** Place of what arrived at the first of `observedAtMs`; the others follow. */
  firstPlace: number;
  readonly shelves: Shelves;
}

/**
 * Few messages are ever late enough to ask for what happened: as texts of their own all of it took 200 bytes each of a heap that is mostly this. A shelf is
 * about ten kilobytes: a window of 8 KB with tables to match finds as much and is made in two thirds of the time.
 */
const SHELVING = {
  shelve: (texts: readonly string[]) => new Uint8Array(deflateRawSync(texts.join('\n'), { level: 1, windowBits: 13, memLevel: 6 })),
  unshelve: (shelf: Uint8Array) => inflateRawSync(shelf).toString('utf8').split('\n'),
};

/** About 50 bytes each. Where there are more within the time, the oldest of the busiest accounts go. */
const MOST_KEPT = 1_000_000;

/**
 * The clicks and messages of the last days, packed: what a message that comes days late has to be held against, when the fold has let go of
 * the clicks of its time.
 */
export interface RecentLog {
  remember(touchpoint: Recent): void;
  /** What happened in an account in a stretch of time, both ends included, and had arrived at the last moment, in the order of arrival. */
  happened(account: string, fromMs: number, toMs: number, arrivedMs: number): readonly Recent[];
  readonly size: () => number;
}

export function createRecentLog(keepMs: number, mostKept = MOST_KEPT): RecentLog {
  const accounts = new Map<string, Kept>();
  const packer = createPacker();
  let size = 0;

  function letGo(kept: Kept): void {
    kept.shelves.take(kept.firstPlace + kept.head);
    kept.head += 1;
    size -= 1;
    if (kept.head < 1_024 || kept.head * 2 < kept.observedAtMs.length) return;
    kept.firstPlace += kept.head;
    kept.observedAtMs = kept.observedAtMs.slice(kept.head);
    kept.head = 0;
  }

  return {
    remember(touchpoint) {
      const kept = accounts.get(touchpoint.account) ?? emptyLog();
      accounts.set(touchpoint.account, kept);
      const { observedAtMs } = touchpoint;
      while (kept.head < kept.observedAtMs.length && kept.observedAtMs[kept.head]! < observedAtMs - keepMs) letGo(kept);
      kept.shelves.put(packer.pack(touchpoint));
      kept.observedAtMs.push(observedAtMs);
      size += 1;
      if (size > mostKept) letGo(kept);
    },
    happened(account, fromMs, toMs, arrivedMs) {
      const found: Recent[] = [];
      const kept = accounts.get(account);
      if (kept === undefined) return found;
      for (let index = firstFrom(kept, fromMs); index < kept.observedAtMs.length && kept.observedAtMs[index]! <= arrivedMs; index += 1) {
        const packed = kept.shelves.get(kept.firstPlace + index);
        // A click is timed where it arrives: nothing that happened before the end of the stretch comes later.
        if (kept.observedAtMs[index]! > toMs && isClick(packed)) continue;
        const touchpoint = packer.unpack(packed);
        const atMs = decisionTimeMs(touchpoint);
        if (atMs >= fromMs && atMs <= toMs) found.push(touchpoint);
      }
      return found;
    },
    size: () => size,
  };
}

function emptyLog(): Kept {
  return { observedAtMs: [], head: 0, firstPlace: 0, shelves: new Shelves(SHELVING) };
}

/** Index of the first that arrived at this time or later; arrivals only go forward. */
function firstFrom({ observedAtMs, head }: Kept, fromMs: number): number {
  let low = head;
  let high = observedAtMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (observedAtMs[middle]! < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Facts = ClickTouchpoint['click'];

/** Without the names of fields, which are most of an object as text. */
type PackedClick = readonly [
  kind: 0,
  when: readonly [offset: number, eventTimeMs: number, observedAtMs: number],
  where: readonly [workspace: string, account: string],
  id: readonly [clickId: string, code: string, visitorId: string],
  numbers: readonly [source: number, languages: number, greetingVariant: number, botScore: number, isBot: number, isInternal: number],
  place: readonly [country: string, region: string, device: Facts['device'], network: Facts['network']],
];
type PackedMessage = readonly [kind: 1, message: MessageTouchpoint];

function isClick(packed: string): boolean {
  return packed.startsWith('[0');
}

function createPacker() {
  /** Sources and lists of languages by number: a history has few, and each stands in many clicks. */
  const sources = createNumbering<Source>();
  const languages = createNumbering<readonly string[]>();
  return {
    pack(touchpoint: Recent): string {
      if (touchpoint.kind === 'message') return JSON.stringify([1, touchpoint] satisfies PackedMessage);
      const { offset, eventTimeMs, observedAtMs, workspace, account, click, isBot, isInternal } = touchpoint;
      const packed: PackedClick = [
        0,
        [offset, eventTimeMs, observedAtMs],
        [workspace, account],
        [click.clickId, click.code, click.visitorId],
        [
          sources.numberOf(click.source),
          languages.numberOf(click.languages),
          click.greetingVariant,
          click.botScore,
          Number(isBot),
          Number(isInternal),
        ],
        [click.country, click.region, click.device, click.network],
      ];
      return JSON.stringify(packed);
    },
    unpack(text: string): Recent {
      const packed = JSON.parse(text) as PackedClick | PackedMessage;
      if (packed[0] === 1) return packed[1];
      const [, [offset, eventTimeMs, observedAtMs], [workspace, account], [clickId, code, visitorId], numbers, place] = packed;
      const [source, tags, greetingVariant, botScore, isBot, isInternal] = numbers;
      const [country, region, device, network] = place;
      const click: Facts = {
        clickId,
        code,
        clickedAtMs: eventTimeMs,
        source: sources.valueOf(source),
        greetingVariant,
        visitorId,
        country,
        region,
        device,
        languages: languages.valueOf(tags),
        network,
        botScore,
      };
      const [bot, internal] = [isBot === 1, isInternal === 1];
      return { kind: 'click', offset, workspace, account, eventTimeMs, observedAtMs, click, isBot: bot, isInternal: internal };
    },
  };
}

function createNumbering<T>() {
  const values: T[] = [];
  const numbers = new Map<T, number>();
  return {
    numberOf(value: T): number {
      const known = numbers.get(value);
      if (known !== undefined) return known;
      const number = values.push(value) - 1;
      numbers.set(value, number);
      return number;
    },
    valueOf(number: number): T {
      const value = values[number];
      if (value === undefined) throw new Error('a packed touchpoint names what is not there');
      return value;
    },
  };
}
