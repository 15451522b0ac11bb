/** Prefix of the join store's keys in a Redis that others may use as well; whoever reads or writes the store uses this one. */
export const JOIN_PREFIX = 'messtrack:join:';
