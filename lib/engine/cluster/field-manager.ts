/** Writes the restart annotation; a manager of its own, so that the change can be told from the user's. */
export const FIELD_MANAGER = 'istio-module';
