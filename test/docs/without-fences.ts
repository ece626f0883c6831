/** The text of a document with its lines in their places, and those of fenced blocks empty. */
export function withoutFences(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''));
}
