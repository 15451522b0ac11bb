import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { formFields } from './form-body.ts';
import type { Provider, ReceivedRequest } from './provider.ts';
import { readTwilio } from './twilio.ts';
import { isTwilioSignature, publicAddress } from './twilio-signature.ts';

/** WhatsApp at Twilio: a form, signed together with the address it was sent to. */
export const twilioProvider: Provider = {
  name: 'twilio',
  isAuthentic,
  parse(body) {
    const value = formFields(body);
    return value === undefined ? undefined : { value };
  },
  read: (body, _account, observedAtMs) => readTwilio(body, observedAtMs),
};

function isAuthentic(account: Account, request: ReceivedRequest): boolean {
  if (account.provider !== 'twilio') return false;
  // Taken apart before it is proved, because the fields are what is signed; bounded, and nothing is made of them before.
  const fields = formFields(request.body);
  const address = publicAddress(request, account.publicUrl);
  if (fields === undefined || address === undefined) return false;
  return isTwilioSignature(address, fields, account.authToken.reveal(), request.header('x-twilio-signature'));
}
