/** The API server's clock, from the headers of its answers. Compare the server's times with it, not with the local clock. */
export class ServerClock {
  private latest = Date.now();

  /** Takes the time of an answer; what is no date changes nothing. */
  hear(date: string | undefined): void {
    this.latest = Date.parse(date ?? '') || this.latest;
  }

  /** The time of the last answer in milliseconds since the epoch; that of this machine before there is one. */
  get now(): number {
    return this.latest;
  }
}
