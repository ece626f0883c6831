/** The lines that a function prints on stderr. */
export function warningsOf(act: () => void): string[] {
  const lines: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(...String(text).trimEnd().split('\n'));
    return true;
  });
  try {
    act();
  } finally {
    write.mockRestore();
  }
  return lines;
}
