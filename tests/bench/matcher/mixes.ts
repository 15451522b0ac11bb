import { BASE, type TrafficOptions } from './traffic.ts';

/** What the log holds when contenders meet on it. */
export interface Mix {
  readonly name: string;
  readonly traffic: Omit<TrafficOptions, 'startMs'>;
}

/** As many accounts as give a broker's log twelve partitions' worth of neighbours at 30 clicks an hour each. */
const ACCOUNTS = 180;

/** One person in four who clicks writes, some without the code, and some write who never clicked. */
export const BASE_MIX: Mix = { name: 'base', traffic: { ...BASE, accounts: ACCOUNTS } };

/** Everybody who clicks writes, with the code: the heaviest load there is, a lead for every other touchpoint. */
export const ALL_WRITE_MIX: Mix = {
  name: '1 to 1',
  traffic: { accounts: ACCOUNTS, clicksPerAccountHour: 30, writeShare: 1, lostShare: 0, organicShare: 0, botShare: 0 },
};
