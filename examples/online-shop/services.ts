/** A service of the shop. Its Deployment, Service and ServiceAccount have its name. */
export interface ShopService {
  readonly name: string;

  /** The services that may call it. */
  readonly calledBy: readonly string[];

  /** How long a caller waits for an answer, in seconds. */
  readonly timeoutSeconds: number;
}

export const SERVICES: readonly ShopService[] = [
  { name: 'cart', calledBy: ['frontend', 'checkout'], timeoutSeconds: 1 },
  { name: 'catalog', calledBy: ['frontend', 'checkout', 'recommendations'], timeoutSeconds: 1 },
  { name: 'checkout', calledBy: ['frontend'], timeoutSeconds: 10 },
  { name: 'currency', calledBy: ['frontend', 'checkout'], timeoutSeconds: 1 },
  { name: 'payment', calledBy: ['checkout'], timeoutSeconds: 5 },
  { name: 'shipping', calledBy: ['frontend', 'checkout'], timeoutSeconds: 2 },
  { name: 'email', calledBy: ['checkout'], timeoutSeconds: 5 },
  { name: 'ads', calledBy: ['frontend'], timeoutSeconds: 1 },
  { name: 'recommendations', calledBy: ['frontend'], timeoutSeconds: 1 },
];
