import type { Identifier, IdentifierKind } from '../domain/inbound.ts';

/** Identifiers of one person in the order given, each once; what is absent or empty is left out. */
export function identifierList(candidates: readonly (readonly [IdentifierKind, string | undefined])[]): readonly Identifier[] {
  const found: Identifier[] = [];
  for (const [kind, value] of candidates) {
    if (value === undefined || value === '' || found.some((other) => other.kind === kind && other.value === value)) continue;
    found.push({ kind, value });
  }
  return found;
}
