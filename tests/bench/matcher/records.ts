import { fromCarrier, fromChannel, fromSource } from '@messtrack/matcher/adapters/source-codec.ts';
import type { ClickTouchpoint, Device, MessageTouchpoint, Network } from '@messtrack/matcher/domain/touchpoint.ts';
import { Carrier, DeviceClass, NetworkClass } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { MessageKind, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Visit } from './traffic.ts';

const DEVICES: Readonly<Record<Device, DeviceClass>> = {
  ios: DeviceClass.DEVICE_CLASS_IOS,
  android: DeviceClass.DEVICE_CLASS_ANDROID,
  desktop: DeviceClass.DEVICE_CLASS_DESKTOP,
  unknown: DeviceClass.DEVICE_CLASS_UNSPECIFIED,
};
const NETWORKS: Readonly<Record<Network, NetworkClass>> = {
  fixed: NetworkClass.NETWORK_CLASS_FIXED,
  mobile: NetworkClass.NETWORK_CLASS_MOBILE,
  hosting: NetworkClass.NETWORK_CLASS_HOSTING,
  vpn: NetworkClass.NETWORK_CLASS_VPN,
  unknown: NetworkClass.NETWORK_CLASS_UNSPECIFIED,
};
const USER_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

/** A touchpoint as ingest or the gateway writes it, with what they write beside what decisions read. */
export function recordOf(visit: Visit): OutRecord {
  return visit.kind === 'click' ? clickRecord(visit) : messageRecord(visit);
}

function clickRecord(touchpoint: ClickTouchpoint): OutRecord {
  const { click, isBot } = touchpoint;
  return record(touchpoint, `click/bench/${click.clickId}`, {
    kind: {
      $case: 'click',
      value: {
        clickId: click.clickId,
        code: click.code,
        carriers: [Carrier.CARRIER_VISIBLE],
        ...(click.greetingVariant < 0 ? {} : { greetingVariant: click.greetingVariant }),
        visitId: `visit-${click.clickId}`,
        source: fromSource(click.source),
        place: { country: click.country, region: click.region, city: 'Springfield' },
        device: DEVICES[click.device],
        userAgent: USER_AGENT,
        languages: [...click.languages],
        bot: { isBot, reason: '' },
        origin: 1,
        network: NETWORKS[click.network],
        botScore: click.botScore,
      },
    },
  });
}

function messageRecord(touchpoint: MessageTouchpoint): OutRecord {
  return record(touchpoint, `wa/106540352242922/${touchpoint.messageId}`, {
    kind: {
      $case: 'message',
      value: {
        messageId: touchpoint.messageId,
        channel: fromChannel(touchpoint.channel),
        contact: { keys: [...touchpoint.contactKeys] },
        kind: MessageKind.MESSAGE_KIND_TEXT,
        codes: touchpoint.codes.map(({ code, carrier, intact }) => ({ code, carrier: fromCarrier(carrier), intact })),
        ...(touchpoint.greetingVariant < 0 ? {} : { greetingVariant: touchpoint.greetingVariant }),
        greetingPlacement: touchpoint.greetingPlacement,
        greetingSimilarity: touchpoint.greetingVariant < 0 ? 0 : 1,
        language: touchpoint.language,
        phonePlace: { country: touchpoint.country, region: touchpoint.region, city: '' },
        textLength: 48,
      },
    },
  });
}

type Partial = Parameters<typeof Touchpoint.fromPartial>[0];

function record({ account, workspace, eventTimeMs, observedAtMs, kind }: Visit, eventId: string, rest: Partial): OutRecord {
  const value = Touchpoint.encode(Touchpoint.fromPartial({ eventId, workspace, account, eventTimeMs, observedAtMs, ...rest })).finish();
  const headers = encodeHeaders({ eventId, type: `Touchpoint.${kind}`, producedAtMs: observedAtMs });
  return { topic: TOPICS.touchpoints.name, key: `${workspace}/${account}`, value, headers };
}
