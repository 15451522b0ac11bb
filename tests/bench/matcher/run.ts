/** One contender's pass over all records: from its first batch in hand to its last transaction durable. */
export interface Run {
  readonly seconds: number;
  /** CPU time of this process between the two: user and system, all threads. */
  readonly cpuSeconds: number;
  /** Lead records written, and their mean size. */
  readonly outputs: number;
  readonly outputBytes: number;
}
