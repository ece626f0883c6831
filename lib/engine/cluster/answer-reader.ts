/** Reads an answer while it arrives. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** At the end: what is left of the answer, as JSON. */
  rest(): string;
}
