/** Where providers take messages. Overridden for tests, for servers of one's own, and for proxies. */
export interface ProviderUrls {
  readonly whatsapp: URL;
  readonly telegram: URL;
  readonly dialog360: URL;
  readonly twilio: URL;
  readonly messenger: URL;
  readonly instagram: URL;
  readonly gupshup: URL;
  readonly wazzup: URL;
  readonly edna: URL;
  readonly greenApi: URL;
  readonly chatApp: URL;
  readonly zApi: URL;
  readonly vk: URL;
  readonly max: URL;
}

export const DEFAULT_PROVIDER_URLS: ProviderUrls = {
  whatsapp: new URL('https://graph.facebook.com/v24.0'),
  telegram: new URL('https://api.telegram.org'),
  dialog360: new URL('https://waba-v2.360dialog.io'),
  twilio: new URL('https://api.twilio.com'),
  messenger: new URL('https://graph.facebook.com/v24.0'),
  instagram: new URL('https://graph.instagram.com/v24.0'),
  gupshup: new URL('https://api.gupshup.io'),
  wazzup: new URL('https://api.wazzup24.com'),
  edna: new URL('https://app.edna.io'),
  greenApi: new URL('https://api.green-api.com'),
  chatApp: new URL('https://api.chatapp.online'),
  zApi: new URL('https://api.z-api.io'),
  vk: new URL('https://api.vk.com'),
  max: new URL('https://platform-api2.max.ru'),
};
