/** The field manager of the engine's changes. It distinguishes them from changes of users. */
export const FIELD_MANAGER = 'istio-module';
