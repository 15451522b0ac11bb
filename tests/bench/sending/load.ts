/** The messages of the benchmark of sending: templates, because those need no earlier message of the person, each to somebody else. */

/** Messages on their way at any time, in every contender. */
export const IN_FLIGHT = 256;

export const TEMPLATE = { name: 'order_shipped', language: 'en_US' } as const;

export function keyOf(index: number, run: string): string {
  return `run-${run}-${index}`;
}

/** Nobody is written to twice: what one person may get in a minute is not what is measured. */
export function recipientOf(index: number, run: string): string {
  return `+1650${String(Number(run) * 100_000 + index)
    .padStart(7, '0')
    .slice(-7)}`;
}

/** The body that the Cloud API documents for such a template. */
export function templateBody(index: number, run: string): string {
  return JSON.stringify({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: recipientOf(index, run).slice(1),
    biz_opaque_callback_data: keyOf(index, run),
    type: 'template',
    template: {
      name: TEMPLATE.name,
      language: { code: TEMPLATE.language },
      components: [{ type: 'body', parameters: [{ type: 'text', text: String(index) }] }],
    },
  });
}
