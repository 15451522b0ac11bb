import type { SendForm, Tap, WidgetSettings } from '../widget-settings.ts';
import { element } from './element.ts';
import { type FormAnswer, formAnswer } from './form-answer.ts';
import type { Words } from './words.ts';

const ANSWER_ID = 'answer';
const RIGHT: readonly FormAnswer[] = ['sent', 'queued'];

/**
 * The person leaves a number and the business writes first. The form is of the same click as the other ways, with its code: however they are combined, it is
 * one click. Numbers need their country code: guessed from the browser's language, a message would reach a stranger now and then.
 */
export function sendbackForm(
  { privacyUrl }: WidgetSettings,
  words: Words,
  business: string,
  messenger: string,
  { id, code, placement }: Tap,
  send: SendForm,
): HTMLFormElement {
  const number = element('input', {
    type: 'tel',
    name: 'phone',
    autocomplete: 'tel',
    required: '',
    maxlength: '40',
    placeholder: words.example,
    'aria-describedby': ANSWER_ID,
  });
  const agree = element('input', { type: 'checkbox', name: 'consent', required: '', 'aria-describedby': ANSWER_ID });
  const button = element('button', { type: 'submit', class: 'main' }, words.send);
  const answer = element('output', { id: ANSWER_ID, class: 'answer', role: 'status' });
  const form = element(
    'form',
    // The browser's own complaints come in its own language, which may be another.
    { novalidate: '' },
    element('label', { class: 'field' }, words.number, number),
    element(
      'label',
      { class: 'agree' },
      agree,
      element(
        'span',
        {},
        words.agree(business, messenger),
        ...(privacyUrl
          ? [' ', element('a', { class: 'privacy', href: privacyUrl, target: '_blank', rel: 'noopener' }, words.privacy)]
          : []),
      ),
    ),
    button,
    answer,
  );

  const say = (kind: FormAnswer): void => {
    answer.className = RIGHT.includes(kind) ? 'answer right' : 'answer wrong';
    answer.textContent = words.answers[kind];
    number.setAttribute('aria-invalid', String(kind === 'bad_number' || kind === 'not_there'));
    agree.setAttribute('aria-invalid', String(kind === 'no_agreement'));
    if (kind === 'no_agreement') agree.focus();
    if (kind === 'bad_number') number.focus();
  };

  let isUnderWay = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isUnderWay) return;
    const phone = number.value.trim();
    if (!/^(\+|00)[\d\s().-]{6,}$/.test(phone)) return say('bad_number');
    if (!agree.checked) return say('no_agreement');
    isUnderWay = true;
    // Not disabled: a disabled button loses the focus, and with it the place of whoever uses the keyboard.
    button.setAttribute('aria-disabled', 'true');
    answer.className = 'answer';
    answer.textContent = words.sending;
    const kind = await ask(() => send({ placement: placement.name, account: placement.account, click_id: id, code, phone, consent: true }));
    isUnderWay = false;
    button.removeAttribute('aria-disabled');
    say(kind);
  });
  return form;
}

async function ask(send: () => Promise<Response> | undefined): Promise<FormAnswer> {
  let response: Response | undefined;
  try {
    response = await send();
  } catch {
    return 'offline';
  }
  if (!response) return 'unavailable';
  try {
    return formAnswer(response.status, await response.json());
  } catch {
    // A proxy's page instead of an answer of ours.
    return formAnswer(response.status, undefined);
  }
}
