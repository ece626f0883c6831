/** The field manager of the restart annotation. It distinguishes the change from those of users. */
export const FIELD_MANAGER = 'istio-module';
