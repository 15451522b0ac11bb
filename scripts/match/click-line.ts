import type { SourceKind } from '@messtrack/matcher/domain/source.ts';
import type { Device, Network } from '@messtrack/matcher/domain/touchpoint.ts';
import type { GivenPlace, LineFields } from './line-fields.ts';

export const DEVICES: ReadonlySet<Exclude<Device, 'unknown'>> = new Set(['ios', 'android', 'desktop']);
const NETWORKS: ReadonlySet<Exclude<Network, 'unknown'>> = new Set(['fixed', 'mobile', 'hosting', 'vpn']);
const SOURCE_KINDS: ReadonlySet<Exclude<SourceKind, 'unknown'>> = new Set([
  'ad',
  'search',
  'social',
  'assistant',
  'messenger',
  'email',
  'campaign',
  'referral',
  'direct',
]);

/** A line of the clicks' file. Empty texts, undefined and `unknown` stand for what the line does not say. */
export interface ClickLine {
  readonly kind: 'click';
  readonly id: string;
  /** When it was clicked. Milliseconds since the Unix epoch, UTC. */
  readonly timeMs: number;
  readonly arrivedAtMs: number;
  readonly account: string;
  readonly visitor: string;
  readonly placement: string;
  /** As it stands in the file. */
  readonly code: string;
  readonly greeting: number | undefined;
  readonly campaign: string;
  readonly source: GivenSource | undefined;
  readonly sourceKind: SourceKind;
  readonly ip: string;
  readonly place: GivenPlace | undefined;
  readonly network: Network;
  readonly device: Device;
  readonly languages: readonly string[];
  readonly botScore: number | undefined;
}

export interface GivenSource {
  readonly utmSource: string;
  readonly utmMedium: string;
  readonly utmCampaign: string;
  readonly utmContent: string;
  readonly utmTerm: string;
}

export function readClickLine(fields: LineFields): ClickLine {
  const timeMs = fields.requiredTime('time');
  return {
    kind: 'click',
    id: fields.requiredText('id'),
    timeMs,
    arrivedAtMs: fields.time('received') ?? timeMs,
    account: fields.requiredText('account'),
    visitor: fields.presentText('visitor'),
    placement: fields.presentText('placement'),
    code: fields.text('code'),
    greeting: fields.greeting('greeting') ?? undefined,
    campaign: fields.text('campaign'),
    source: fields.nested('source', readSource),
    sourceKind: fields.choice('source_kind', SOURCE_KINDS),
    ip: fields.text('ip'),
    place: fields.place('place'),
    network: fields.choice('network', NETWORKS),
    device: fields.choice('device', DEVICES),
    languages: fields.textList('languages'),
    botScore: fields.fraction('bot_score'),
  };
}

function readSource(fields: LineFields): GivenSource {
  return {
    utmSource: fields.text('utm_source'),
    utmMedium: fields.text('utm_medium'),
    utmCampaign: fields.text('utm_campaign'),
    utmContent: fields.text('utm_content'),
    utmTerm: fields.text('utm_term'),
  };
}
