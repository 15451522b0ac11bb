import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Channel } from '@messtrack/workspace/accounts/account-kind.ts';
import { WIRE_CHANNELS } from '@messtrack/workspace/accounts/wire-channel.ts';
import { type Reception, record } from './touchpoint-record.ts';

/** Closed list of AccountCheck.check in touchpoint.proto. */
export type CheckName =
  | 'token'
  | 'token_expiry'
  | 'quality'
  | 'number'
  | 'messaging_limit'
  | 'webhook'
  | 'subscription'
  | 'connection'
  | 'device';

/** What a provider says of an account; AccountCheck in touchpoint.proto says what each part means. */
export interface CheckResult {
  readonly check: CheckName;
  readonly isGood: boolean;
  readonly detail: string;
  readonly value: number;
}

/** The same answer within the same hour is the same event, whichever gateway asked. */
export function accountCheckRecord({ check, isGood, detail, value }: CheckResult, channel: Channel, reception: Reception): OutRecord {
  const { account, observedAtMs } = reception;
  const hour = Math.floor(observedAtMs / 3_600_000);
  const said = `${isGood ? 'good' : 'bad'}/${detail}/${value}`;
  const kind = { $case: 'accountCheck', value: { channel: WIRE_CHANNELS[channel], check, good: isGood, detail, value } } as const;
  return record(`check/${account}/${check}/${said}/${hour}`, observedAtMs, kind, reception);
}
