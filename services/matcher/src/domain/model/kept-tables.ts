import { beginViews, type KnownViews, noViews } from './known-views.ts';
import { beginRegionShares, hasRegionRoom, noRegionShares, type RegionShares } from './region-shares.ts';

/** What was worked out for one message under an account's model and serves the next one. */
export interface KeptTables {
  /** The model that they are for. */
  owner: KeepsTables | undefined;
  readonly views: KnownViews;
  readonly regions: RegionShares;
}

/** A model, as far as tables are kept for it. */
export interface KeepsTables {
  tables: KeptTables | undefined;
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
let turn = 0;

/** The model's tables, with room for so many; what else it had is forgotten when that is not there. */
export function tablesOf(model: KeepsTables, sizes: TableSizes): KeptTables {
  const own = model.tables;
  if (own?.owner === model) {
    if (!hasRegionRoom(own.regions, sizes.regions, sizes.campaigns)) beginRegionShares(own.regions, sizes.regions, sizes.campaigns);
    return own;
  }
  const taken = all[turn] ?? { owner: undefined, views: noViews(), regions: noRegionShares() };
  all[turn] = taken;
  turn = (turn + 1) % MODELS;
  taken.owner = model;
  model.tables = taken;
  beginViews(taken.views, sizes.places);
  beginRegionShares(taken.regions, sizes.regions, sizes.campaigns);
  return taken;
}
