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
   * Called after a refusal: whether the credentials may be newer than those of a request at this time, in milliseconds
   * since the epoch.
   */
  renew(time: number): boolean;
}
