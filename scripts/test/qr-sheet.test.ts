import { inflateSync } from 'node:zlib';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { perPage, sheetPdf, unprintable } from '../qr-sheet/pdf.ts';
import { readSigns, type Sign } from '../qr-sheet/signs.ts';

const parsed = parseWorkspace(
  `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  tg: { channel: telegram, provider: telegram, username: acme_bot, bot_token: "\${B:-1:b}", secret_token: "\${S:-s}" }
placements:
  sign: { kind: qr, account: wa, vanity: [metro] }
  group: { kind: invite, account: tg, chat: "@acme_news" }
`,
  { file: 'acme.yaml', env: {}, readFile: () => '' },
);
if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
const source = {
  workspaces: new Map([['acme', parsed.workspace]]),
  workspace: 'acme' as string | undefined,
  base: 'https://go.acme.example',
  parameters: new Map<string, string>(),
};

const bytesOf = (csv: string) => new TextEncoder().encode(csv);

function signsOf(csv: string, more: Partial<typeof source> = {}): readonly Sign[] {
  const read = readSigns(bytesOf(csv), { ...source, ...more });
  if (read.kind === 'problems') throw new Error(read.problems.join('\n'));
  return read.signs;
}

describe('a sheet of signs', () => {
  it('has one code per line, told apart by utm_*, with a file of its own', () => {
    const csv = '\ufeffPlacement,label,utm_content,via\nsign,"Stand 1, North",n 1,\nsign,"Stand 1, North",n2,vanity\n\nsign,../../etc,,\n';
    expect(signsOf(csv).map(({ label, target, file }) => [label, target, file])).toEqual([
      ['Stand 1, North', 'https://go.acme.example/t/acme/sign?utm_content=n%201', 'sign-Stand-1-North'],
      ['Stand 1, North', 'https://go.acme.example/go/metro?utm_content=n2', 'sign-Stand-1-North-2'],
      ['../../etc', 'https://go.acme.example/t/acme/sign', 'sign-etc'],
    ]);
  });

  it('takes parameters of all codes, and of a line before them', () => {
    const signs = signsOf('placement,color\nsign,\nsign,111\n', {
      parameters: new Map([
        ['color', '222'],
        ['level', 'H'],
      ]),
    });
    expect(signs.map(({ request: { color, level } }) => [color, level])).toEqual([
      ['#222222', 'H'],
      ['#111111', 'H'],
    ]);
  });

  it('says all that is wrong, by line', () => {
    const csv = 'placement,workspace,level\nnothing,,\nsign,nobody,\nsign,,Z\nsign,,\n';
    expect(readSigns(bytesOf(csv), source)).toEqual({
      kind: 'problems',
      problems: [
        'line 2: names no placement of acme; write its name into the column "placement"',
        'line 3: names no workspace of the folder; write its name into a column "workspace" or give --workspace',
        'line 4: level must be L, M, Q or H: 7, 15, 25 or 30 % of the code may be lost',
      ],
    });
    for (const bad of ['', 'placement\n', 'placement,label\n"sign,x\n', 'placement\nsign,too,many\n'])
      expect(readSigns(bytesOf(bad), source).kind).toBe('problems');
  });

  it('says of every row with too few or too many columns, beside all else that is wrong', () => {
    const csv = 'placement,label,level\nsign\nsign,North,L\n\nsign,South\nsign,,Z\nsign,a,L,too,many\n';
    expect(readSigns(bytesOf(csv), source)).toEqual({
      kind: 'problems',
      problems: [
        'line 2: has 1 column where the header has 3',
        'line 5: has 2 columns where the header has 3',
        'line 6: level must be L, M, Q or H: 7, 15, 25 or 30 % of the code may be lost',
        'line 7: has 5 columns where the header has 3',
      ],
    });
  });

  it.each([
    [
      'semicolons, a byte-order mark, CRLF and empty lines',
      bytesOf('\ufeffplacement;label\r\n\r\nsign;"Süd; 1, ""A"""\r\n;\r\nsign;B\r\n\r\n'),
    ],
    ['tabs', bytesOf('placement\tlabel\nsign\t"Süd; 1, ""A"""\nsign\tB\n')],
    ['the line ends of an old Mac', bytesOf('placement,label\rsign,"Süd; 1, ""A"""\rsign,B\r')],
    ['UTF-16 of a spreadsheet', Buffer.from('\ufeffplacement\tlabel\r\nsign\t"Süd; 1, ""A"""\r\nsign\tB\r\n', 'utf16le')],
  ])('is read from what spreadsheets write: %s', (_, bytes) => {
    const read = readSigns(bytes, source);
    expect(read.kind === 'ok' ? read.signs.map(({ label }) => label) : read.problems).toEqual(['Süd; 1, "A"', 'B']);
  });

  it('is not read from letters that would be printed wrong', () => {
    expect(readSigns(Buffer.from('placement,label\nsign,Süd\n', 'latin1'), source)).toEqual({
      kind: 'problems',
      problems: ['is no text in UTF-8; in a spreadsheet save it as "CSV UTF-8"'],
    });
  });

  it('warns of signs that cannot be told apart and of columns that mean nothing', () => {
    const warnings = (csv: string) => {
      const read = readSigns(bytesOf(csv), source);
      return read.kind === 'ok' ? read.warnings : read.problems;
    };
    expect(warnings('placement,label,utm_contnet\nsign,North,n\nsign,South,s\n')).toEqual([
      'no parameter of a code, left out: utm_contnet',
      '2 signs with different labels lead to https://go.acme.example/t/acme/sign and cannot be told apart; give each a utm_content',
    ]);
    expect(warnings('placement,label,utm_content\nsign,North,n\nsign,North,n\nsign,South,s\n')).toEqual([]);
  });

  it('prints nothing that the redirect refuses', () => {
    expect(readSigns(bytesOf('placement\ngroup\n'), source)).toEqual({
      kind: 'problems',
      problems: [expect.stringContaining('line 2: the placement "group" is an invite link')],
    });
  });

  it('holds 5,000 signs and not one more', () => {
    const csv = (count: number) => `placement,utm_content\n${Array.from({ length: count }, (_, i) => `sign,s${i}\n`).join('')}`;
    expect(signsOf(csv(5_000))).toHaveLength(5_000);
    expect(readSigns(bytesOf(csv(5_001)), source)).toEqual({
      kind: 'problems',
      problems: ['holds 5001 signs; at most 5000 fit into one sheet'],
    });
  });

  it('any text is signs or problems; names of files stay in their folder and differ', () => {
    const label = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
        const csv = `placement,label\n${labels.map((text) => `sign,"${text.replaceAll('"', '""')}"`).join('\n')}\n`;
        const read = readSigns(bytesOf(csv), source);
        if (read.kind === 'problems') return;
        const files = read.signs.map(({ file }) => file);
        expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(labels.length);
        for (const file of files) expect(file).toMatch(/^[\p{L}\p{N}_-]+$/u);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readSigns(bytes, source)));
  });
});

describe('as a PDF', () => {
  it('has as many pages as the codes need, every code as a vector', async () => {
    expect(perPage(50)).toEqual({ columns: 3, rows: 4 });
    const csv = `placement,utm_content\n${Array.from({ length: 13 }, (_, i) => `sign,s${i}`).join('\n')}\n`;
    const pdf = (await sheetPdf(signsOf(csv), { sizeMm: 50, font: undefined })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(2);
    const drawn = [...pdf.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, data]) =>
      inflateSync(Buffer.from(data!, 'latin1')).toString('latin1'),
    );
    // A rectangle for the background of each code, and one path of many runs.
    expect(drawn.join('\n').match(/ re\n/g)).toHaveLength(13);
    expect(drawn.join('\n').match(/^h$/gm)!.length).toBeGreaterThan(13 * 200);
  });

  it('wants a font for letters that the standard one lacks', () => {
    expect(unprintable(signsOf('placement,label\nsign,Größe – 5 €\n'))).toBe('');
    expect(unprintable(signsOf('placement,label\nsign,Метро №1\n'))).toBe('Метро№');
  });
});
