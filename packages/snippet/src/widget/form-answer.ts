/** What the person is told about a form that was sent. */
export type FormAnswer =
  | 'sent'
  | 'queued'
  | 'bad_number'
  | 'no_agreement'
  | 'too_often'
  | 'not_there'
  | 'not_wanted'
  | 'unavailable'
  | 'try_again'
  | 'offline';

/** By the answers of POST /v1/sendback (docs/sending.md). Whatever else may be wrong is nothing that the person could mend: the other ways are. */
export function formAnswer(status: number, body: unknown): FormAnswer {
  const { state, error, problems } = (body ?? {}) as {
    readonly state?: unknown;
    readonly error?: unknown;
    readonly problems?: readonly { readonly path?: unknown }[];
  };
  if (status === 202) return state === 'queued' ? 'queued' : 'sent';
  if (status === 400) return problems?.some?.(({ path }) => path === 'phone') ? 'bad_number' : 'unavailable';
  if (status === 422) return error === 'recipient_unknown' ? 'not_there' : error === 'not_opted_in' ? 'not_wanted' : 'unavailable';
  if (status === 429) return 'too_often';
  return status === 503 || status === 504 || status === 408 ? 'try_again' : 'unavailable';
}
