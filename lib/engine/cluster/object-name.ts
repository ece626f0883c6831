const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Whether an object of a kind that the engine uses can have this name. Owner references and references in a spec may
 * contain any text.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function isObjectName(text: string): boolean {
  return DNS_SUBDOMAIN.test(text);
}
