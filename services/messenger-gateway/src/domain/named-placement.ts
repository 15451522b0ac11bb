import type { Placement } from '@messtrack/workspace/workspace.ts';
import type { MessageFacts } from './facts.ts';
import type { InboundMessage } from './inbound.ts';

/**
 * The placement that a message names by itself: the one whose invite link the person joined by, or the one whose name is the start payload (a creative of
 * Telegram Ads has one static `start` value, because its macros are not filled in there). Anybody can start a bot with any payload, so this is
 * the source and never a click.
 */
export function namedPlacement(
  message: Pick<InboundMessage, 'inviteLinkName' | 'inviteChat' | 'linkPayload'>,
  facts: Pick<MessageFacts, 'startPayload' | 'isStartCommand'>,
  placements: readonly Placement[],
): Placement | undefined {
  const { inviteLinkName, inviteChat } = message;
  if (inviteLinkName !== '')
    return placements.find(({ invite }) => invite !== undefined && invite.linkName === inviteLinkName && isChat(invite.chat, inviteChat));
  if (facts.startPayload === '' || !(facts.isStartCommand || message.linkPayload === facts.startPayload)) return undefined;
  return placements.find(({ name, invite }) => invite === undefined && name === facts.startPayload);
}

/** User names are compared without case, as Telegram does. */
function isChat(configured: string, seen: InboundMessage['inviteChat']): boolean {
  if (seen === undefined) return false;
  return configured.startsWith('@') ? configured.slice(1).toLowerCase() === seen.username.toLowerCase() : configured === seen.id;
}
