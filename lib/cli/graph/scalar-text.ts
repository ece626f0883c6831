/** A text, number or truth value as it is written; nothing for all else, which only a wrong manifest has there. */
export function scalarText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}
