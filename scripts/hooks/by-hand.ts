import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';

/** What a person does at the provider where no call of ours can: the address as it has to stand there, tokens by the name of their key alone. */
export function byHand(account: Account, url: string): string {
  const withToken = `${url}?token={webhook_token}`;
  switch (account.provider) {
    case 'whatsapp':
      return `App Dashboard, WhatsApp, Configuration: callback ${url}, the verify_token, field messages; then POST /{waba id}/subscribed_apps`;
    case 'messenger':
      return `App Dashboard, Messenger, Settings: callback ${url}, the verify_token, fields messages, messaging_postbacks, messaging_referrals; subscribe the page`;
    case 'instagram':
      return `App Dashboard, Instagram, Webhooks: callback ${url}, the verify_token, fields messages, messaging_postbacks, messaging_referral; subscribe the account`;
    case '360dialog':
      return `360dialog Hub, the number, Channel Webhook: ${url}, with the header Authorization: Bearer {webhook_token}`;
    case 'twilio':
      return `Twilio Console, Messaging, Senders, WhatsApp senders: ${url}#rc=5&rp=all for incoming messages and for status callbacks, method POST`;
    case 'gupshup':
      return `Gupshup, the app, Settings, Webhooks: add ${withToken}, version 3, all message events`;
    case 'telegram':
      return `setWebhook with ${url}, the secret_token and the list of updates (docs/providers.md)`;
    case 'telegram-business':
      return `updates come through the webhook of the bot ${account.bot}: connect it under Settings, Telegram Business, Chatbots`;
    case 'wazzup':
      return `PATCH https://api.wazzup24.com/v3/webhooks with webhooksUri ${withToken} and subscriptions.messagesAndStatuses true`;
    case 'edna':
      return `edna, Integration, Settings, Main profile: ${withToken} for incoming messages and for statuses`;
    case 'chatapp':
      return `ChatApp, the licence ${account.licenseId}, webhooks: ${withToken} for messages and statuses of this messenger`;
    case 'green-api':
      return `GREEN-API console, the instance: webhookUrl ${url}, webhookUrlToken {webhook_token}, incomingWebhook and outgoingWebhook on`;
    case 'waha':
      return `WAHA, the session: a webhook with url ${url}, events message, message.ack, message.edited, and hmac.key {hmac_key} or the header Authorization: Bearer {webhook_token}`;
    case 'evolution':
      return `Evolution API, the instance, Webhook: ${url}, by events off, base64 off, events MESSAGES_UPSERT and MESSAGES_UPDATE, header Authorization: Bearer {webhook_token}`;
    case 'z-api':
      return `Z-API, the instance, Webhooks: ${withToken} for received messages and for message status`;
    case 'vk':
      return `VK, Manage, API usage, Callback API: ${url}, the secret_key, events message_new, message_edit, message_allow, message_deny`;
    case 'max':
      return `POST /subscriptions of the Bot API with url ${url} and secret {webhook_token}`;
  }
}
