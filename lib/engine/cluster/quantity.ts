const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Whether two Kubernetes quantities are the same amount, such as `1000m` and `1`. The API server stores the latter.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function sameQuantity(left: string, right: unknown): boolean {
  if (right === undefined) {
    return false;
  }
  const [a, b] = [amountOf(left), amountOf(right)];
  return a === undefined || b === undefined
    ? left === right
    : Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** The quantity as a number; undefined if it is not a quantity. */
export function amountOf(quantity: unknown): number | undefined {
  const text = typeof quantity === 'number' || typeof quantity === 'string' ? String(quantity).trim() : '';
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text);
  const factor = SUFFIXES[match?.[2] ?? ''];
  return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}
