/** Predefined sets of requests. */
export enum Requests {
  /** Every request. */
  ALL = 'all',

  /** No request: an ALLOW policy then denies all requests that no other policy allows. */
  NONE = 'none',
}
