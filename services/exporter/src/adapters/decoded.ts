import type { Columns, TableName } from '../domain/row.ts';

/** What a record's bytes say, before it is judged whether a row can be made of it. */
export type Decoded =
  | {
      readonly kind: 'row';
      readonly table: TableName;
      /** Parts of the table's key by column name: a row without them would replace somebody else's. */
      readonly required: Readonly<Record<string, string | number>>;
      /** Times in use, milliseconds since the Unix epoch. */
      readonly times: readonly number[];
      readonly columns: Columns;
    }
  | { readonly kind: 'ignored' }
  /** Decodes, and is not what the topic holds. */
  | { readonly kind: 'unreadable' };
