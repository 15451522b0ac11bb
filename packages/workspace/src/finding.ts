/** Something about a place of a workspace file, before the file's name and line are known. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
