/** On namespaces and pods: the revision, or the tag of one, whose injector they ask for. */
export const REVISION_LABEL = 'istio.io/rev';

/** On namespaces: whether the injector without a revision is for them, `enabled` or `disabled`. */
export const INJECTION_LABEL = 'istio-injection';
