/** A goal and the lead it happened to. */
export interface DetectedGoal {
  readonly workspace: string;
  readonly account: string;
  readonly leadId: string;
  /** Message in which it was detected. */
  readonly messageId: string;
  /** The platform's own word. */
  readonly name: string;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly atMs: number;
  /** Minor units of `currency`; 0 when there is none. */
  readonly valueMinor: number;
  readonly currency: string;
  /** Offset of the record that told of it. */
  readonly offset: number;
}
