/** A ClickHouse string literal. */
export function quoteString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A ClickHouse identifier: names of databases come from configuration and may hold any character. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Setting and parameter names cannot be quoted in SET, so they are checked. */
export function isSettingName(name: string): boolean {
  return SETTING_NAME.test(name);
}

/** ClickHouse's escaped text form, in which values of `{name:Type}` travel. */
export function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\0');
}
