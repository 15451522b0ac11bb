import { EMPTY_SOURCE, type Source } from '../domain/source.ts';
import { toSourceKind } from './source-codec.ts';
import type { WireReader } from './wire-reader.ts';

export function readSource(reader: WireReader): Source {
  let utmSource = '';
  let utmMedium = '';
  let utmCampaign = '';
  let utmContent = '';
  let utmTerm = '';
  let referrerHost = '';
  let adId = '';
  let clickIds = EMPTY_SOURCE.clickIds;
  let placement = '';
  let kind = 0;
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case 10:
        utmSource = reader.commonText();
        break;
      case 18:
        utmMedium = reader.commonText();
        break;
      case 26:
        utmCampaign = reader.commonText();
        break;
      case 34:
        utmContent = reader.commonText();
        break;
      case 42:
        utmTerm = reader.commonText();
        break;
      case 50:
        referrerHost = reader.commonText();
        break;
      case 58:
        adId = reader.commonText();
        break;
      case 66:
        clickIds = withClickId(reader, clickIds);
        break;
      case 74:
        placement = reader.commonText();
        break;
      case 80:
        kind = reader.small();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
  return { utmSource, utmMedium, utmCampaign, utmContent, utmTerm, referrerHost, adId, clickIds, placement, kind: toSourceKind(kind) };
}

/** A name that an object would put elsewhere than at its end: a number is sorted to the front, `__proto__` is no property of its own. */
const UNRULY_NAME = /^(?:\d+|__proto__)$/;

function withClickId(reader: WireReader, known: Source['clickIds']): Source['clickIds'] {
  const { name, value } = readPair(reader);
  // The generated decoder keeps these pairs in an object; where its order is not that of the record, it alone knows it.
  if (UNRULY_NAME.test(name) || known.some(([other]) => other === name)) reader.giveUp();
  return known.length === 0 ? [[name, value]] : [...known, [name, value]];
}

function readPair(reader: WireReader) {
  let name = '';
  let value = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) name = reader.commonText();
    else if (tag === 18) value = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { name, value };
}
