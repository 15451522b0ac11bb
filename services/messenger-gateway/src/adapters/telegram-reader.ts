/** What of the account bears on reading its updates. */
export interface TelegramReader {
  /** Makes the event ids: Telegram's message ids are unique within a bot's chat only. */
  readonly account: string;
  /** User name of the bot, without "@": in groups a command may be for another bot. */
  readonly username: string;
  /** Messages in groups are messages to the account. */
  readonly groups: boolean;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly observedAtMs: number;
  /** Id of the update within the bot; empty when it has none. */
  readonly updateId: string;
}
