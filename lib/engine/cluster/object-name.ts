const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Whether an object of the kinds that the engine deals with can have this name. What an owner reference or a reference in
 * a spec names may be any text.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function isObjectName(text: string): boolean {
  return DNS_SUBDOMAIN.test(text);
}
