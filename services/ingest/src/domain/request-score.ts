import { type BotScore, botScore } from './bot-score.ts';
import type { Visitor } from './click.ts';
import type { RequestFacts } from './visitor.ts';

/** How much a request looks like a program's; `recent` is how often somebody like this was here in the last seconds, this request counted. */
export function requestScore(request: RequestFacts, visitor: Visitor, recent: number, isNavigation: boolean): BotScore {
  const { acceptLanguage, acceptEncoding, accept, fetchMode, brands, platform, mobile } = request;
  return botScore({
    isKnownProgram: visitor.bot !== undefined,
    userAgent: visitor.userAgent,
    hasDevice: visitor.device !== 'unknown',
    acceptLanguage,
    acceptEncoding,
    accept,
    isNavigation,
    fetchMode,
    brands,
    platform,
    mobile,
    network: visitor.network,
    recent,
  });
}
