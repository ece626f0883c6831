/** The problems for which the construct `one` of the chart `mesh` is refused, one per line. */
export function problems(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\w+ mesh\/one: /, ''));
  }
}
