import { readFile } from 'node:fs/promises';
import type { Credential, CredentialSource } from './credential';
import { headerValue } from './header-value';

/** The kubelet renews the tokens of service accounts minutes before they expire. */
const FRESH_MILLISECONDS = 50_000;

/** A token in a file. The file is read again after some time, or if the token is refused. */
export class TokenFile implements CredentialSource {
  private readAt = -Infinity;

  private constructor(
    private readonly file: string,
    private token: string,
  ) {}

  /**
   * @param token the fallback if the file cannot be read; may be empty
   * @throws Error if there is neither
   */
  static async open(file: string, token: string): Promise<TokenFile> {
    const source = new TokenFile(file, token);
    await source.current();
    return source;
  }

  async current(): Promise<Credential> {
    if (Date.now() - this.readAt >= FRESH_MILLISECONDS) {
      await this.read();
    }
    return { authorization: `Bearer ${headerValue('its token', this.token)}` };
  }

  renew(time: number): boolean {
    if (this.readAt < time) {
      this.readAt = -Infinity;
    }
    return true;
  }

  private async read(): Promise<void> {
    try {
      const token = (await readFile(this.file, 'utf8')).trim();
      if (token === '') {
        throw new Error(`its tokenFile ${this.file} is empty`);
      }
      this.token = token;
      this.readAt = Date.now();
    } catch (error) {
      if (this.token === '') {
        throw error;
      }
    }
  }
}
