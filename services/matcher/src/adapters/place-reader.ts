import type { WireReader } from './wire-reader.ts';

export const NOWHERE = { country: '', region: '' };

export function readPlace(reader: WireReader): typeof NOWHERE {
  let country = '';
  let region = '';
  const outer = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) country = reader.commonText();
    else if (tag === 18) region = reader.commonText();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { country, region };
}
