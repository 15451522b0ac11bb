import { createHmac } from 'node:crypto';
import type { TelegramContact, WhatsAppContact } from './people.ts';

/** Webhook bodies and signatures as the platforms send them (shapes: WhatsApp Cloud API v24 with business-scoped ids, Telegram Bot API 10.1). */
export interface Webhook {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WhatsAppMessage {
  readonly phoneNumberId: string;
  readonly displayPhone: string;
  readonly contact: WhatsAppContact;
  readonly messageId: string;
  readonly timestampS: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly referral: Readonly<Record<string, string>> | undefined;
}

export function whatsAppMessages(appSecret: string, messages: readonly WhatsAppMessage[]): Webhook {
  return whatsAppWebhook(
    appSecret,
    messages.map((message) => ({
      field: 'messages',
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: message.displayPhone, phone_number_id: message.phoneNumberId },
        contacts: [
          {
            profile: { name: message.contact.name },
            ...(message.contact.waId === undefined ? {} : { wa_id: message.contact.waId }),
            user_id: message.contact.userId,
          },
        ],
        messages: [
          {
            ...(message.contact.waId === undefined ? {} : { from: message.contact.waId }),
            from_user_id: message.contact.userId,
            id: message.messageId,
            timestamp: String(message.timestampS),
            ...message.content,
            ...(message.referral === undefined ? {} : { referral: message.referral }),
          },
        ],
      },
    })),
  );
}

/** A system message: it has no contacts array. */
export function whatsAppNumberChange(
  appSecret: string,
  change: {
    phoneNumberId: string;
    displayPhone: string;
    contact: WhatsAppContact;
    next: WhatsAppContact;
    messageId: string;
    timestampS: number;
  },
): Webhook {
  return whatsAppWebhook(appSecret, [
    {
      field: 'messages',
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: change.displayPhone, phone_number_id: change.phoneNumberId },
        messages: [
          {
            from: change.contact.waId,
            from_user_id: change.next.userId,
            id: change.messageId,
            timestamp: String(change.timestampS),
            type: 'system',
            system: {
              body: `User changed from ${change.contact.waId} to ${change.next.waId}`,
              wa_id: change.next.waId,
              type: 'user_changed_number',
              previous_user_id: change.contact.userId,
            },
          },
        ],
      },
    },
  ]);
}

function whatsAppWebhook(appSecret: string, changes: readonly unknown[]): Webhook {
  const body = Buffer.from(
    escapedAsMetaDoes(JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] })),
  );
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` } };
}

/** Meta signs its escaped form (`ä` → `\u00e4`, lower-case hex): bytes that change when a receiver re-serialises them. */
function escapedAsMetaDoes(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).replaceAll('/', '\\/');
}

export function telegramStart(
  secretToken: string,
  start: { contact: TelegramContact; updateId: number; messageNumber: number; timestampS: number; text: string },
): Webhook {
  const chat = { id: start.contact.id, first_name: start.contact.name, type: 'private' };
  const body = Buffer.from(
    JSON.stringify({
      update_id: start.updateId,
      message: {
        message_id: start.messageNumber,
        from: { id: start.contact.id, is_bot: false, first_name: start.contact.name, language_code: start.contact.languageCode },
        chat,
        date: start.timestampS,
        text: start.text,
        entities: [{ offset: 0, length: 6, type: 'bot_command' }],
      },
    }),
  );
  return { body, headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secretToken } };
}
