/** Whose contact is whose in the value of a Cloud API webhook, where messages and statuses of several people may stand side by side. */
import { idAt, isObject, type JsonObject, listAt } from './json-value.ts';

export interface Contacts {
  readonly all: readonly JsonObject[];
  /** The only contact, as long as nothing in the value has an id of it: whoever has one is the person, and then nobody else is. */
  readonly unnamed: JsonObject | undefined;
}

/** Fields of a message, and of a status, that name a person. */
const NUMBERS: readonly string[] = ['from', 'recipient_id'];
const USERS: readonly string[] = ['from_user_id', 'recipient_user_id'];

export function readContacts(value: JsonObject): Contacts {
  const all = (listAt(value, 'contacts') ?? []).filter(isObject);
  const [only] = all;
  if (only === undefined || all.length > 1) return { all, unnamed: undefined };
  const elements = [...(listAt(value, 'messages') ?? []), ...(listAt(value, 'statuses') ?? [])];
  const isNamed = elements.some(
    (element) =>
      isObject(element) &&
      (NUMBERS.some((name) => isOf(only, idAt(element, name), undefined)) ||
        USERS.some((name) => isOf(only, undefined, idAt(element, name)))),
  );
  return { all, unnamed: isNamed ? undefined : only };
}

/**
 * The contact of a person: by any id they share, else the only one there is, unless it is somebody else's: two people taken for one stay one for ever. Ids
 * need not be equal: `wa_id` and `from` differ for Brazilian numbers with and without the ninth digit, and the number is left out where it is hidden.
 */
export function contactOf({ all, unnamed }: Contacts, number: string | undefined, user: string | undefined): JsonObject | undefined {
  const shared = all.find((contact) => isOf(contact, number, user));
  if (shared !== undefined) return shared;
  if (number === undefined && user === undefined) return all.length === 1 ? all[0] : undefined;
  const other = idAt(unnamed, 'user_id');
  return user !== undefined && other !== undefined ? undefined : unnamed;
}

function isOf(contact: JsonObject, number: string | undefined, user: string | undefined): boolean {
  return (number !== undefined && idAt(contact, 'wa_id') === number) || (user !== undefined && idAt(contact, 'user_id') === user);
}
