/** Reads an answer as it arrives. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** Called at the end: the rest of the answer, as JSON. */
  rest(): string;
}
