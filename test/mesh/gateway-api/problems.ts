/** What the construct `one` of the chart `mesh` is refused for, a line each. */
export function problems(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\w+ mesh\/one: /, ''));
  }
}
