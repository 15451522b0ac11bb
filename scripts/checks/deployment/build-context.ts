/** Whether a file of the repository gets into an image: .dockerignore, of which the last line that fits decides. */
export function isInContext(dockerignore: string, path: string): boolean {
  let isIn = true;
  for (const raw of dockerignore.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const isKept = line.startsWith('!');
    if (fits(isKept ? line.slice(1) : line, path)) isIn = isKept;
  }
  return isIn;
}

/** A pattern fits a path that it spells or that lies below it. */
function fits(pattern: string, path: string): boolean {
  const parts = path.split('/');
  return parts.some((_, index) => expression(pattern).test(parts.slice(0, index + 1).join('/')));
}

function expression(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\u0000', '(?:.*/)?');
  return new RegExp(`^${source}$`);
}
