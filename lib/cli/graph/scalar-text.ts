/** A string, number or boolean as text; empty for other values, which only occur in invalid manifests. */
export function scalarText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}
