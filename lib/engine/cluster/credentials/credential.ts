/** The authentication of a request. */
export interface Credential {
  /** The value of the header `Authorization`. */
  readonly authorization?: string;
  /** The client certificate of the TLS connection, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Provides the current credentials for each request. */
export interface CredentialSource {
  /**
   * @param signal ends the wait for credentials
   * @throws Error with the reason if there are none
   */
  current(signal?: AbortSignal): Promise<Credential>;
  /**
   * Called after the API server has refused the credentials of a request.
   *
   * @param time when the request was sent, in milliseconds since the epoch
   * @returns whether newer credentials may be available by now
   */
  renew(time: number): boolean;
}
