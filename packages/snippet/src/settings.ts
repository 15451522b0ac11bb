/**
 * What the server writes behind the script of a workspace: everything a page may know of it, and nothing else. Arguments of a call, whose names cost
 * pages nothing.
 */
export type SnippetSettings = readonly [
  workspace: string,
  placements: readonly PlacementSettings[],
  forms: CodeForms,
  /** 1: the browser may keep things until somebody denies it. 0 or absent: not before somebody allows it. */
  isStoring?: 0 | 1,
];

/** How a code is written where a mark stands, for the marks that occur. `VISIBLE` and `BARE` are not among them. */
export type CodeForms = Readonly<Record<string, CodeForm>>;

/**
 * What stands before a code, what after it, and the digits of its symbols, 0 to 31: the higher one, how often the symbol holds the number of lower digits, and
 * the lower one, what is left.
 */
export type CodeForm = readonly [before: string, after: string, higher: ArrayLike<string>, lower: ArrayLike<string>];

export interface PlacementSettings {
  readonly name: string;
  /** Account of the workspace and its share relative to the others, where the placement has several; 0: it is out for now. */
  readonly account?: string;
  readonly weight?: number;
  /**
   * When somebody begins to be there and when somebody ceases, in turn and rising: minutes of a week that begins as the Unix epoch did, UTC. Absent:
   * always; empty: never.
   */
  readonly open?: readonly number[];
  /** Where it leads, as `readLink` says it. */
  readonly to: string;
  /** The link without what carries the code. */
  readonly base: string;
  /** Parameter of the link that carries a payload (`start`, `ref`). Absent: `text`. */
  readonly parameter?: string;
  /**
   * Values of that parameter with marks where the code stands: by greeting, and behind them one for a text of the site's own, which stands at
   * `OWN`; of a payload the one value.
   */
  readonly values: readonly string[];
  /** Pages elsewhere could not register the code they hand out: they leave links as they are. */
  readonly origins: readonly string[];
  /** On computers a tap opens the dialog. */
  readonly widget?: true;
}

/** One of the members of a placement, which are one unless it has a pool; undefined for a placement that is not there. */
export type ChooseMember = (members: readonly PlacementSettings[]) => PlacementSettings | undefined;

/** Marks in values: private characters, which stand for nothing and which no greeting holds. */
export const VISIBLE = '\ue001';
export const EMOJI = '\ue002';
export const INVISIBLE = '\ue003';
export const BARE = '\ue004';
export const OWN = '\ue005';
