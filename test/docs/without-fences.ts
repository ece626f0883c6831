/** The text of a document, with empty lines in place of those of fenced blocks. */
export function withoutFences(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''));
}
