import { createHash } from 'node:crypto';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Source } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Carrier, DeviceClass, NetworkClass, SourceKind } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { Click_Origin, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Carrier as CarrierName } from '@messtrack/tracking-code/tracking-code.ts';
import { clickEventId } from '../domain/click.ts';
import type { DeviceKind } from '../domain/device.ts';
import type { NetworkKind } from '../domain/network-class.ts';
import type { SourceFacts } from '../domain/source.ts';
import type { SourceClass, SourceKindWord } from '../domain/source-class.ts';
import type { Codec } from '../ports.ts';

const DEVICES: Readonly<Record<DeviceKind, DeviceClass>> = {
  unknown: DeviceClass.DEVICE_CLASS_UNSPECIFIED,
  ios: DeviceClass.DEVICE_CLASS_IOS,
  android: DeviceClass.DEVICE_CLASS_ANDROID,
  desktop: DeviceClass.DEVICE_CLASS_DESKTOP,
};

const NETWORKS: Readonly<Record<NetworkKind, NetworkClass>> = {
  unknown: NetworkClass.NETWORK_CLASS_UNSPECIFIED,
  fixed: NetworkClass.NETWORK_CLASS_FIXED,
  mobile: NetworkClass.NETWORK_CLASS_MOBILE,
  hosting: NetworkClass.NETWORK_CLASS_HOSTING,
  vpn: NetworkClass.NETWORK_CLASS_VPN,
};

const CARRIERS: Readonly<Record<CarrierName, Carrier>> = {
  visible: Carrier.CARRIER_VISIBLE,
  emoji: Carrier.CARRIER_EMOJI,
  invisible: Carrier.CARRIER_INVISIBLE,
  start_payload: Carrier.CARRIER_START_PAYLOAD,
};
const ORIGINS = { redirect: Click_Origin.ORIGIN_REDIRECT, beacon: Click_Origin.ORIGIN_BEACON, sendback: Click_Origin.ORIGIN_SENDBACK };

const SOURCE_KINDS: Readonly<Record<SourceKindWord, SourceKind>> = {
  ad: SourceKind.SOURCE_KIND_AD,
  search: SourceKind.SOURCE_KIND_SEARCH,
  social: SourceKind.SOURCE_KIND_SOCIAL,
  assistant: SourceKind.SOURCE_KIND_ASSISTANT,
  messenger: SourceKind.SOURCE_KIND_MESSENGER,
  email: SourceKind.SOURCE_KIND_EMAIL,
  campaign: SourceKind.SOURCE_KIND_CAMPAIGN,
  referral: SourceKind.SOURCE_KIND_REFERRAL,
  direct: SourceKind.SOURCE_KIND_DIRECT,
};

function toSourceClass(given: SourceClass | undefined): { readonly sourceKind?: SourceKind; readonly sourceName?: string } {
  return given === undefined ? {} : { sourceKind: SOURCE_KINDS[given.kind], sourceName: given.name };
}

/** Facts to protobuf records and, for visits, back. */
export const protobufCodec: Codec = {
  click(click, producedAtMs, traceparent) {
    const eventId = clickEventId(click.workspace, click.clickId);
    const { visitor } = click;
    const value = encodeTouchpoint({
      eventId,
      workspace: click.workspace,
      account: click.account,
      eventTimeMs: click.eventTimeMs,
      observedAtMs: click.observedAtMs,
      kind: {
        $case: 'click',
        value: {
          clickId: click.clickId,
          code: click.code,
          carriers: click.carriers.map((carrier) => CARRIERS[carrier]),
          greetingVariant: click.greetingVariant,
          visitId: click.visitId,
          visitorId: click.visitorId,
          source: toSource(click.source, click.placement),
          place: visitor.place,
          ip: click.keptIp,
          device: DEVICES[visitor.device],
          userAgent: visitor.userAgent,
          languages: [...visitor.languages],
          bot: visitor.bot === undefined ? undefined : { isBot: true, reason: visitor.bot },
          origin: ORIGINS[click.origin],
          network: NETWORKS[visitor.network],
          botScore: click.botScore.score,
          internal: click.own !== undefined,
          internalReason: click.own ?? '',
          botSigns: [...click.botScore.signs],
          ...toSourceClass(click.sourceClass),
        },
      },
    });
    return {
      eventId,
      topic: TOPICS.touchpoints.name,
      key: `${click.workspace}/${click.account}`,
      value,
      headers: encodeHeaders({ eventId, type: 'Touchpoint.click', producedAtMs, traceparent }),
    };
  },

  visit(visit, producedAtMs, traceparent) {
    const { visitor } = visit;
    const content: Visit = {
      eventId: '',
      workspace: visit.workspace,
      visitId: visit.visitId,
      visitorId: visit.visitorId,
      startedAtMs: visit.startedAtMs,
      observedAtMs: 0,
      source: toSource(visit.source, ''),
      firstTouch: visit.firstTouch === undefined ? undefined : toSource(visit.firstTouch, ''),
      lastTouch: visit.lastTouch === undefined ? undefined : toSource(visit.lastTouch, ''),
      landingPage: visit.landingPage,
      pages: visit.pages.map(({ url, seenAtMs }) => ({ url, seenAtMs })),
      place: visitor.place,
      device: DEVICES[visitor.device],
      userAgent: visitor.userAgent,
      languages: [...visitor.languages],
      analyticsIds: { ...visit.analyticsIds },
      isBot: visitor.bot !== undefined,
      consent: visit.consent,
      ...toSourceClass(visit.sourceClass),
    };
    // The id covers the content but not the time of receipt: a beacon sent again is the same record.
    const digest = createHash('sha256').update(Visit.encode(content).finish()).digest('base64url').slice(0, 22);
    const eventId = `visit/${visit.workspace}/${visit.visitId}/${digest}`;
    return {
      eventId,
      topic: TOPICS.visits.name,
      key: `${visit.workspace}/${visit.visitId}`,
      value: Visit.encode({ ...content, eventId, observedAtMs: visit.observedAtMs }).finish(),
      headers: encodeHeaders({ eventId, type: 'Visit', producedAtMs, traceparent }),
    };
  },
};

/** One writer for all records: a new one grows from 64 bytes by doubling, a fifth of the time a click takes. `finish` copies and resets. */
let writer = new BinaryWriter();

function encodeTouchpoint(touchpoint: Touchpoint): Uint8Array {
  try {
    return Touchpoint.encode(touchpoint, writer).finish();
  } catch (error) {
    // Half a record must not become the head of the next.
    writer = new BinaryWriter();
    throw error;
  }
}

/** Source of an encoded visit; undefined when the bytes are no visit. */
export function visitSource(bytes: Uint8Array): SourceFacts | undefined {
  let visit: Visit;
  try {
    visit = Visit.decode(bytes);
  } catch {
    return undefined;
  }
  const { source } = visit;
  return source === undefined
    ? undefined
    : {
        utmSource: source.utmSource,
        utmMedium: source.utmMedium,
        utmCampaign: source.utmCampaign,
        utmContent: source.utmContent,
        utmTerm: source.utmTerm,
        referrerHost: source.referrerHost,
        clickIds: source.clickIds,
      };
}

/** The source with its kind, as leads hold it. A lead by our own first message takes it from there and from no click. */
export function toClassifiedSource(facts: SourceFacts, placement: string, given: SourceClass | undefined): Source {
  const source = toSource(facts, placement);
  return given === undefined ? source : { ...source, kind: SOURCE_KINDS[given.kind] };
}

function toSource(facts: SourceFacts, placement: string): Source {
  return {
    utmSource: facts.utmSource,
    utmMedium: facts.utmMedium,
    utmCampaign: facts.utmCampaign,
    utmContent: facts.utmContent,
    utmTerm: facts.utmTerm,
    referrerHost: facts.referrerHost,
    adId: '',
    clickIds: facts.clickIds,
    placement,
  };
}
