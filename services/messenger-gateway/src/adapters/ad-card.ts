/**
 * The trace of an ad in what linked devices see: `contextInfo` of WhatsApp's own messages (Baileys, WAProto.proto: ContextInfo and ExternalAdReplyInfo).
 * Gateways pass the fields on in their own spelling; these are the ones seen.
 */
import type { EntryPoint, Referral } from '../domain/inbound.ts';
import { firstStringAt, type JsonObject, objectAt, stringAt } from './json-value.ts';

/** `ad` and `post` are Meta's words (referral.source_type); the others are the app's own for where the conversation comes from, `ctwa_ad` a gateway's. Compared without case. */
const AD_SOURCES: ReadonlySet<string> = new Set(['ad', 'post', 'fb_ads', 'ig_ads', 'fb_post', 'ctwa_ad']);
/**
 * The button under a post (`sourceType` post, `conversionSource` FB_Post): what the Cloud API hands on as a referral of type "post". Seen in production by nocodeleaks/quepasa
 * (docs, WhatsApp Ads Fields).
 */
const POST_BUTTON = 'post_cta';
const POST_ID = /^\d{6,32}$/;

/**
 * A card counts as an ad only when it says so, names the ad or the click, and nothing else contradicts it. Bots send such cards with any content to make
 * their links look well, an answer to a status quotes the card of the status, and an entry point alone (`click_to_chat_link`) is there for
 * links of our own: taking any of these as an ad would stamp organic leads.
 */
export function readAdCard(given: JsonObject | undefined, context: JsonObject | undefined): Referral | undefined {
  // Where a gateway writes the click into the context itself, there may be no card at all.
  const card = given ?? (stringAt(context, 'ctwaClid', 1024) === '' ? undefined : context);
  if (card === undefined) return undefined;
  const entryPoint = entryPointOf(context) || entryPointOf(card);
  if (entryPoint !== '' && !entryPoint.startsWith('ctwa') && entryPoint !== 'ad' && entryPoint !== POST_BUTTON) return undefined;
  if (firstStringAt(context, ['remoteJid', 'remoteJID']) === 'status@broadcast') return undefined;

  const sourceType = firstStringAt(card, ['sourceType', 'source_type'], 64).toLowerCase();
  const conversion = (firstStringAt(context, ['conversionSource'], 64) || firstStringAt(card, ['conversionSource'], 64)).toLowerCase();
  const isSaidElsewhere = AD_SOURCES.has(conversion) || entryPoint !== '';
  if (!AD_SOURCES.has(sourceType) && !(sourceType === '' && isSaidElsewhere)) return undefined;

  const ctwaClid = firstStringAt(card, ['ctwaClid', 'ctwa_clid'], 1024) || firstStringAt(context, ['ctwaClid'], 1024);
  const named = firstStringAt(card, ['sourceId', 'sourceID', 'source_id'], 256);
  const sourceId = POST_ID.test(named) ? named : '';
  if (ctwaClid === '' && sourceId === '') return undefined;
  return {
    ctwaClid,
    sourceId,
    sourceType: sourceType === 'post' || (sourceType === '' && (conversion === 'fb_post' || entryPoint === POST_BUTTON)) ? 'post' : 'ad',
    sourceUrl: firstStringAt(card, ['sourceUrl', 'sourceURL', 'source_url'], 2048),
    headline: firstStringAt(card, ['title', 'headline'], 1024),
  };
}

function entryPointOf(context: JsonObject | undefined): string {
  return stringAt(context, 'entryPointConversionSource', 64).toLowerCase();
}

/** Ten years: what is longer is no delay between a tap and a message. */
const MAX_DELAY_SECONDS = 315_360_000;

export function readEntryPoint(context: JsonObject | undefined): EntryPoint | undefined {
  const source = entryPointOf(context);
  if (source === '') return undefined;
  const told = context?.['entryPointConversionDelaySeconds'];
  const delay = typeof told === 'string' && /^\d{1,9}$/.test(told) ? Number(told) : told;
  const isDelay = typeof delay === 'number' && Number.isInteger(delay) && delay >= 0 && delay <= MAX_DELAY_SECONDS;
  return { source, app: stringAt(context, 'entryPointConversionApp', 64).toLowerCase(), delaySeconds: isDelay ? delay : undefined };
}

export function adCardOf(context: JsonObject | undefined): JsonObject | undefined {
  return context === undefined ? undefined : objectAt(context, 'externalAdReply');
}
