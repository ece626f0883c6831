/**
 * The API server's clock, from the headers of its answers. Compare times from the server with it, not with the local
 * clock.
 */
export class ServerClock {
  private latest = Date.now();

  /** Sets the clock to the time of an answer. Ignores invalid dates. */
  hear(date: string | undefined): void {
    this.latest = Date.parse(date ?? '') || this.latest;
  }

  /** The time of the last answer, in milliseconds since the epoch; the local time before the first answer. */
  get now(): number {
    return this.latest;
  }
}
