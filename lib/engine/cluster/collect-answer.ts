import type { IncomingMessage } from 'node:http';
import type { AnswerReader } from './answer-reader';

export interface Answer {
  readonly status: number;
  /** The body; for a list or a watch, without its items. */
  readonly body: string;
  /** Why the items could not be read. */
  readonly failure?: Error;
  readonly retryAfter?: string;
  readonly date?: string;
}

/** Reads a complete answer. Items of a list or a watch are passed on as they arrive. */
export function collectAnswer(response: IncomingMessage, items?: () => AnswerReader): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const list = status < 400 ? items?.() : undefined;
  const chunks: Buffer[] = [];
  let failure: Error | undefined;
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      if (!list) {
        chunks.push(chunk);
      } else if (!failure) {
        try {
          list.push(chunk);
        } catch (error) {
          failure = error as Error;
        }
      }
    });
    response.on('error', reject);
    response.on('close', () => {
      if (!response.complete) {
        reject(new Error('the connection closed before the answer was complete'));
        return;
      }
      const { date, 'retry-after': retryAfter } = response.headers;
      resolve({ status, body: list?.rest() ?? Buffer.concat(chunks).toString('utf8'), failure, retryAfter, date });
    });
  });
}
