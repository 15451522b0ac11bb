import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { dialog360Webhooks } from './dialog360-webhooks.ts';
import { ednaWebhooks } from './edna-webhooks.ts';
import { evolutionWebhooks } from './evolution-webhooks.ts';
import { greenApiWebhooks } from './green-api-webhooks.ts';
import { maxWebhooks } from './max-webhooks.ts';
import { instagramWebhooks, messengerWebhooks, whatsAppWebhooks } from './meta-webhooks.ts';
import { twilioWebhooks } from './twilio-webhooks.ts';
import { vkWebhooks } from './vk-webhooks.ts';
import { wahaWebhooks } from './waha-webhooks.ts';
import { wazzupWebhooks } from './wazzup-webhooks.ts';
import type { WebhookSetup } from './webhook-setup.ts';
import { zApiWebhooks } from './z-api-webhooks.ts';

/** Providers whose API sets webhooks. Telegram has its own way (updates may be polled, and chats have invite links); ChatApp and Gupshup document no call that a customer's key may make. */
const SETUPS: ReadonlyMap<string, WebhookSetup> = new Map(
  // The compiler cannot follow that a setup is given accounts of its own provider alone; the map's key sees to it.
  (
    [
      whatsAppWebhooks,
      messengerWebhooks,
      instagramWebhooks,
      dialog360Webhooks,
      twilioWebhooks,
      wazzupWebhooks,
      ednaWebhooks,
      greenApiWebhooks,
      wahaWebhooks,
      evolutionWebhooks,
      zApiWebhooks,
      vkWebhooks,
      maxWebhooks,
    ] as readonly unknown[] as readonly WebhookSetup[]
  ).map((setup) => [setup.provider, setup]),
);

export function webhookSetupOf(account: Account): WebhookSetup | undefined {
  return SETUPS.get(account.provider);
}
