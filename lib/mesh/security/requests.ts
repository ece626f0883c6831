/** Sets of requests that no rule describes. */
export enum Requests {
  /** Every request. */
  ALL = 'all',

  /** No request: an ALLOW policy then refuses all requests that no other policy allows. */
  NONE = 'none',
}
