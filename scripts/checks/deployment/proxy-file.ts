import { lineAt } from '../files.ts';

/** What an nginx file of ours listens on and where it leads. */
export interface ProxyFile {
  readonly ports: readonly number[];
  readonly paths: readonly string[];
  readonly upstreams: readonly { readonly line: number; readonly host: string; readonly port: number; readonly path: string }[];
}

/** Addresses stand in variables (`set $ingest ingest:8080;`), which a `proxy_pass` below names. */
export function readProxyFile(text: string): ProxyFile {
  const bare = text.replaceAll(/#.*$/gm, '');
  const upstreams: { line: number; host: string; port: number; path: string }[] = [];
  let known = new Map<string, string>();
  for (const match of bare.matchAll(/\blocation\b[^{]*\{|\bset\s+\$(\w+)\s+(\S+);|\bproxy_pass\s+http:\/\/\$(\w+)([^;?$]*)/g)) {
    const [all, variable, address, named, path = ''] = match;
    if (all.startsWith('location')) known = new Map();
    else if (variable !== undefined) known.set(variable, address ?? '');
    else {
      const [host = '', port = ''] = (known.get(named ?? '') ?? '').split(':');
      upstreams.push({ line: lineAt(bare, match.index), host, port: Number(port), path });
    }
  }
  return {
    ports: [...bare.matchAll(/\blisten\s+(?:[\d.]+:)?(\d+)/g)].map(([, port]) => Number(port)),
    paths: [...bare.matchAll(/\blocation\s+(?:=\s*)?(\S+)/g)].map(([, path = '']) => path),
    upstreams,
  };
}
