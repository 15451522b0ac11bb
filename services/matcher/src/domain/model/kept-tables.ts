import { beginViews, type KnownViews, noViews } from './known-views.ts';
import { beginRegionShares, hasRegionRoom, noRegionShares, type RegionShares } from './region-shares.ts';

/** What was worked out for one message under an account's model and serves the next one. */
export interface KeptTables {
  /** Who has them now. A number and not the model: 512 models that nobody asks any more took 45 MB. */
  ticket: number;
  readonly views: KnownViews;
  readonly regions: RegionShares;
}

/** A model, as far as tables are kept for it. */
export interface KeepsTables {
  tables: KeptTables | undefined;
  /** As on its tables, while they are its own. */
  ticket: number;
}

/** How many there may be of what a table has rows for. */
export interface TableSizes {
  readonly places: number;
  readonly regions: number;
  readonly campaigns: number;
}

/**
 * So many models have tables at a time; who comes next takes those of the model that got its own longest ago. A model of its own tables each kept 10 KB for
 * each of ten thousand accounts that were hardly asked twice before their next model, and made and threw away as much for each of them.
 */
const MODELS = 512;
/** Whose they are decides what is worked out again, never what comes of it: no state. */
const all: KeptTables[] = [];
/** Of models that there are no more. */
const free: KeptTables[] = [];
let turn = 0;
let lastTicket = 0;

/** The model's tables, with room for so many; what else it had is forgotten when that is not there. */
export function tablesOf(model: KeepsTables, sizes: TableSizes): KeptTables {
  const own = model.tables;
  if (own !== undefined && own.ticket === model.ticket) {
    if (!hasRegionRoom(own.regions, sizes.regions, sizes.campaigns)) beginRegionShares(own.regions, sizes.regions, sizes.campaigns);
    return own;
  }
  const taken = free.pop() ?? next();
  lastTicket += 1;
  taken.ticket = lastTicket;
  model.ticket = lastTicket;
  model.tables = taken;
  beginViews(taken.views, sizes.places);
  beginRegionShares(taken.regions, sizes.regions, sizes.campaigns);
  return taken;
}

function next(): KeptTables {
  if (all.length < MODELS) {
    const made = { ticket: NOBODY, views: noViews(), regions: noRegionShares() };
    all.push(made);
    return made;
  }
  turn = (turn + 1) % MODELS;
  return all[turn]!;
}

const NOBODY = 0;

/** Nobody will ask this model again: its tables are the next one's. */
export function letGoTables(model: KeepsTables): void {
  const own = model.tables;
  if (own === undefined || own.ticket !== model.ticket) return;
  own.ticket = NOBODY;
  model.tables = undefined;
  free.push(own);
}
