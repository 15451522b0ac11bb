/**
 * What a stranger may ask an in-process ClickHouse. `readonly = 1` stops writes, DDL, SET and most table functions that reach outside; this judge stops
 * what it lets through, each found by trying: INTO OUTFILE, the scalar file(), DESCRIBE of a file or URL, KILL QUERY, BACKUP.
 */
export type Judgement = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly reason: string };

const STATEMENTS: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS']);

/** Table functions that make their rows from nothing but their arguments and our own tables. Every other one is refused, also those of later versions. */
const SAFE_TABLE_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    'format',
    'fuzzJSON',
    'generateRandom',
    'generateSeries',
    'generate_series',
    'loop',
    'merge',
    'null',
    'numbers',
    'numbers_mt',
    'primes',
    'values',
    'view',
    'viewIfPermitted',
    'zeros',
    'zeros_mt',
  ].map((name) => name.toLowerCase()),
);

/** Functions inside expressions that read this machine's disk or talk to a network. Compared without case. */
const UNSAFE_FUNCTION =
  /^(file|filesystem\w*|catboostevaluate|addressto\w+|reversednsquery|ai(classify|embed|extract|generate|translate)|getclienthttpheader|python)$/;

type Token =
  | { readonly kind: 'word' | 'quoted'; readonly text: string }
  | { readonly kind: 'string' }
  | { readonly kind: 'mark'; readonly text: string };

/**
 * `canonical` is the statement as ClickHouse's own parser prints it (formatQuerySingleLine): exactly one statement, no comments, no heredocs, one way to quote.
 * What is judged is what must run; judging the caller's own text would leave room for two readings of it.
 *
 * @param tableFunctions names of all table functions of this engine, from system.table_functions
 */
export function judgeReadOnly(canonical: string, tableFunctions: ReadonlySet<string>): Judgement {
  const tokens = [...tokenize(canonical)];
  const first = tokens.find((token) => !(token.kind === 'mark' && token.text === '('));
  if (first?.kind !== 'word' || !STATEMENTS.has(first.text.toUpperCase())) {
    return refused('only SELECT, WITH … SELECT, SHOW, DESCRIBE, EXPLAIN and EXISTS are allowed here');
  }
  if (/^DESC/i.test(first.text) && !describesTable(tokens)) return refused('DESCRIBE takes the name of a table here');
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.kind === 'word' && token.text.toUpperCase() === 'INTO' && isWord(next, 'OUTFILE')) {
      return refused('INTO OUTFILE is not allowed here');
    }
    if ((token.kind === 'word' || token.kind === 'quoted') && next?.kind === 'mark' && next.text === '(') {
      const name = token.text.toLowerCase();
      const isOutside = tableFunctions.has(name) && !SAFE_TABLE_FUNCTIONS.has(name);
      if (isOutside || UNSAFE_FUNCTION.test(name)) return refused(`the function ${token.text} is not allowed here`);
    }
  }
  return { kind: 'allowed' };
}

/** DESCRIBE TABLE [db.]name and what follows it; never a file, whose name the engine would take in place of a table's. */
function describesTable(tokens: readonly Token[]): boolean {
  const rest = tokens.slice(isWord(tokens[1], 'TABLE') ? 2 : 1);
  const [name, dot, second] = rest;
  if (!isPlainName(name)) return false;
  return dot?.kind === 'mark' && dot.text === '.' ? isPlainName(second) : true;
}

function isPlainName(token: Token | undefined): boolean {
  return (token?.kind === 'word' || token?.kind === 'quoted') && /^\w+$/.test(token.text);
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word;
}

function refused(reason: string): Judgement {
  return { kind: 'refused', reason };
}

/** Sticky, one alternative per kind of token; the last takes any character, so nothing is skipped unseen. */
const TOKEN = /\s+|'(?:[^'\\]|\\[\s\S])*'|`((?:[^`\\]|\\[\s\S])*)`|"((?:[^"\\]|\\[\s\S])*)"|([A-Za-z_][\w$]*)|([\s\S])/gy;

function* tokenize(sql: string): Generator<Token> {
  for (const [whole, backtick, double, word, mark] of sql.matchAll(TOKEN)) {
    const quoted = backtick ?? double;
    if (quoted !== undefined) yield { kind: 'quoted', text: quoted.replaceAll(/\\([\s\S])/g, '$1') };
    else if (word !== undefined) yield { kind: 'word', text: word };
    else if (mark !== undefined) yield { kind: 'mark', text: mark };
    else if (whole.startsWith("'")) yield { kind: 'string' };
  }
}
