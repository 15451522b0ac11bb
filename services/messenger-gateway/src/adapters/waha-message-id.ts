/** `false_79001234567@c.us_3EB0…` → `3EB0…`: the id that WhatsApp gave, the same under every address of the chat. */
export function stanzaOf(id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const parts = id.split('_');
  const stanza = parts.length >= 3 && (parts[0] === 'true' || parts[0] === 'false') ? parts[2] : id;
  return stanza === '' ? undefined : stanza;
}
