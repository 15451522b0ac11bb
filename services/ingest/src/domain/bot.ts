import { isbot } from 'isbot';

/** Closed list of BotVerdict.reason in proto/messtrack/v1/touchpoint.proto. */
export type BotReason = 'user_agent' | 'link_preview' | 'prefetch' | 'head_request';

/**
 * Programs that fetch a link because somebody put it into a message or a post: no person has tapped it yet.
 * Office looks a link up itself before it opens the browser. Names as the messengers and networks send them; `^WhatsApp/` only at the start, for in-app browsers may name WhatsApp further on.
 */
const LINK_PREVIEW =
  /^WhatsApp\/|facebookexternalhit|facebookcatalog|Facebot|meta-externalagent|TelegramBot|Twitterbot|Slackbot|Slack-ImgProxy|Discordbot|LinkedInBot|SkypeUriPreview|^Viber\/|vkShare|OdklBot|redditbot|Pinterestbot|Iframely|Embedly|Google-PageRenderer|kakaotalk-scrap|line-poker|BitlyBot|Snap URL Preview|MicrosoftPreview|Mattermost-Bot|GoogleMessages|ms-office|^Microsoft Office\/|Microsoft Outlook/i;

/** Libraries of systems, which apps look a link up with before anybody has tapped it; and "compatible" with a browser, which none has called itself since Internet Explorer. */
const LIBRARY = /^(?:Dalvik|Dart)\/|CFNetwork\/|^Mozilla\/\d\.0 \(compatible;(?! MSIE| Konqueror)/;

/** What a user agent alone says. Costs microseconds of regular expressions: the caller remembers answers. */
export function botByUserAgent(userAgent: string): BotReason | undefined {
  if (LINK_PREVIEW.test(userAgent)) return 'link_preview';
  // No browser or in-app view leaves the user agent out.
  return userAgent === '' || LIBRARY.test(userAgent) || isbot(userAgent) ? 'user_agent' : undefined;
}

export interface RequestSigns {
  readonly method: string;
  /** Purpose, X-Purpose and Sec-Purpose of browsers, X-Moz of old Firefox, as sent. */
  readonly purposes: readonly (string | undefined)[];
}

/** What the request itself says, whoever sent it: nobody looks at the answer of a HEAD request or, yet, of a prefetch. */
export function botByRequest(signs: RequestSigns): BotReason | undefined {
  if (signs.method === 'HEAD') return 'head_request';
  for (const purpose of signs.purposes) {
    if (purpose !== undefined && /prefetch|prerender|preview/i.test(purpose)) return 'prefetch';
  }
  return undefined;
}
