import type { z } from 'zod';

/** Messengers that accounts are of. */
export type Channel = 'whatsapp' | 'telegram' | 'messenger' | 'instagram' | 'vk' | 'max';

/** Messengers whose links carry a payload beside the text, and no text: Telegram's `start`, `ref` of Messenger, Instagram and VK, MAX's `start`. */
export const PAYLOAD_CHANNELS: ReadonlySet<Channel> = new Set(['telegram', 'messenger', 'instagram', 'vk', 'max']);

/** A person's own Telegram account, read through a business connection or a gateway, is written to with a text: only links to bots have `start`. */
export function linkHasPayload(channel: unknown, provider: unknown): channel is Channel {
  return PAYLOAD_CHANNELS.has(channel as Channel) && (channel !== 'telegram' || provider === 'telegram');
}

export interface AccountBase {
  readonly name: string;
  readonly channel: Channel;
  /** Id by which the provider's payloads name the account; undefined where they name none, and the path of the webhook alone decides. */
  readonly receiver: string | undefined;
  /** Source this account serves alone: name of a placement whose source it takes. */
  readonly dedicatedTo: string | undefined;
}

/** What a provider asks of a workspace file, and what its services see of it. */
export interface AccountKind<S extends z.ZodObject, A extends AccountBase & { readonly provider: string }> {
  readonly provider: A['provider'];
  readonly schema: S;
  /** Keys whose value is a secret and may only be a reference. */
  readonly secretKeys: readonly string[];
  /** Key whose value no other account may have: the provider's payloads name accounts by it. */
  readonly receiverKey: string | undefined;
  build(name: string, file: z.infer<S>): A;
}
