import { EMPTY_SOURCE } from '../domain/source.ts';
import type { ClickTouchpoint } from '../domain/touchpoint.ts';
import { NOWHERE, readPlace } from './place-reader.ts';
import { toBotScore, toDevice, toNetwork, toSendback, withKind } from './source-codec.ts';
import { readSource } from './source-reader.ts';
import type { TouchpointEnvelope } from './touchpoint-envelope.ts';
import { isBetween, MAX_CODE, MAX_ID } from './touchpoint-limits.ts';
import type { WireReader } from './wire-reader.ts';

const NO_TEXTS: readonly string[] = [];

/** A click, read from where its fields begin. Undefined for one that only the full decoder can judge. */
export function readClick(
  reader: WireReader,
  { offset, workspace, account, eventTimeMs, observedAtMs }: TouchpointEnvelope,
): ClickTouchpoint | undefined {
  let clickId = '';
  let code = '';
  let greetingVariant = -1;
  let visitorId = '';
  let source = EMPTY_SOURCE;
  let place = NOWHERE;
  let device = 0;
  let languages = NO_TEXTS;
  let isBot = false;
  let network = 0;
  let botScore: number | undefined;
  let isInternal = false;
  let origin = 0;
  let sourceKind = 0;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 10:
        clickId = reader.text();
        break;
      case 18:
        code = reader.text();
        break;
      case 26:
        passNumbers(reader);
        break;
      case 32:
        greetingVariant = reader.small();
        break;
      case 50:
        visitorId = reader.text();
        break;
      case 58:
        source = readSource(reader);
        break;
      case 66:
        place = readPlace(reader);
        break;
      case 80:
        device = reader.small();
        break;
      case 98:
        languages = [...languages, reader.commonText()];
        break;
      case 106:
        isBot = readBotVerdict(reader);
        break;
      case 112:
        origin = reader.small();
        break;
      case 120:
        network = reader.small();
        break;
      case 129:
        botScore = reader.double();
        break;
      case 136:
        isInternal = reader.uint() !== 0;
        break;
      case 160:
        sourceKind = reader.small();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  if (reader.isOdd || !isBetween(clickId, MAX_ID) || code.length > MAX_CODE) return undefined;
  const { country, region } = place;
  return {
    offset,
    workspace,
    account,
    eventTimeMs,
    observedAtMs,
    kind: 'click',
    click: {
      clickId,
      code,
      clickedAtMs: eventTimeMs,
      source: withKind(source, sourceKind),
      greetingVariant,
      visitorId,
      country,
      region,
      device: toDevice(device),
      languages,
      network: toNetwork(network),
      botScore: toBotScore(botScore),
    },
    isBot,
    isInternal,
    isSendback: toSendback(origin),
  };
}

function readBotVerdict(reader: WireReader): boolean {
  let isBot = false;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) isBot = reader.uint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return isBot;
}

/** A packed list that nobody needs; read all the same, because the full decoder finds fault with one that is cut. */
function passNumbers(reader: WireReader): void {
  const outer = reader.enter();
  while (reader.hasMore()) reader.uint();
  reader.leave(outer);
}
