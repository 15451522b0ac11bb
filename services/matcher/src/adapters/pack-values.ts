/** Values of a closed list are written as their place in it. */
export function placeIn<T>(list: readonly T[], value: T): number {
  const place = list.indexOf(value);
  if (place < 0) throw new RangeError(`${String(value)} has no place in the packed form`);
  return place;
}

export function at<T>(list: readonly T[], place: number): T {
  const value = list[place];
  if (value === undefined) throw new RangeError('a packed value names what is not there: it was not written by this version');
  return value;
}
