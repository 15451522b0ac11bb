/**
 * A browser inside another app. It keeps redirects to itself: the messenger's address opens as a page there, and that page's own button uses a scheme
 * (`whatsapp://`, `tg://`) which Android's web view answers with ERR_UNKNOWN_URL_SCHEME. Such a person needs a page of ours with a link that opens the app.
 *
 * Named apps by the words they put into the user agent; else Android's "; wv)" and an iPhone without "Safari/", which every full browser on iOS sends.
 */
const NAMED =
  /\bFBA[NV]\/|\bFB_IAB\/|\bInstagram\b|\bBarcelona \d|musical_ly|BytedanceWebview|\bTikTok\b|VKAndroidApp|VKiOSApp|com\.vk\.|\bLine\/\d|MicroMessenger|\bSnapchat\b|\[Pinterest\/|LinkedInApp|\bTwitter for (?:iPhone|iPad|Android)|OKApp|\bMAX\/\d/;

export function isInAppBrowser(userAgent: string): boolean {
  if (NAMED.test(userAgent)) return true;
  if (userAgent.includes('Android')) return userAgent.includes('; wv)');
  return /iPhone|iPad|iPod/.test(userAgent) && userAgent.includes('AppleWebKit') && !userAgent.includes('Safari/');
}
