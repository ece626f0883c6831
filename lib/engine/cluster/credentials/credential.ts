/** What authenticates a request. */
export interface Credential {
  /** Value of the header. */
  readonly authorization?: string;
  /** What the TLS connection is made with, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Hands out credentials, of which each request takes those of its time. */
export interface CredentialSource {
  /**
   * @param signal ends the wait for them
   * @throws Error that says why there are none
   */
  current(signal?: AbortSignal): Promise<Credential>;
  /**
   * After a refusal of them: whether the next ones may be better than those of a request of that time, in milliseconds
   * since the epoch.
   */
  renew(time: number): boolean;
}
