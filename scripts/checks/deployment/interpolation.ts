/** `${NAME:-default}` and `${NAME}` of a compose file as they read with nothing set, which is how somebody tries it first; `$$` is a dollar sign. */
export function withNothingSet(text: string): string {
  return text.replaceAll(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}/g, (all, _name, otherwise: string | undefined) =>
    all === '$$' ? '$' : (otherwise ?? ''),
  );
}
