import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

let prepared: Promise<unknown> | undefined;

/** What a phone's camera reads off a screenshot: every QR code in it, by a decoder that knows nothing of ours (ZXing). */
export async function readQrCodes(png: Buffer): Promise<readonly string[]> {
  // The library fetches its module from a network of its own unless it is given.
  prepared ??= prepareZXingModule({
    overrides: {
      wasmBinary: new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer,
    },
    fireImmediately: true,
  });
  await prepared;
  const { data, width, height } = PNG.sync.read(png);
  const image = { data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' } as unknown as Parameters<typeof readBarcodes>[0];
  return (await readBarcodes(image, { formats: ['QRCode'] })).map(({ text }) => text);
}
