/**
 * The problem with a list that has more entries than its CustomResourceDefinition allows, if any.
 *
 * @param rest the end of the remedy, such as `, and put the others into another policy`
 */
export function listLimitProblem(
  prop: string,
  list: readonly unknown[] | undefined,
  most: number,
  rest = '',
): string[] {
  return list !== undefined && list.length > most
    ? [`${prop} has ${String(list.length)} entries: write at most ${String(most)}${rest}`]
    : [];
}

/** The problem with a text that has more characters than its CustomResourceDefinition allows, if any. */
export function textLimitProblem(prop: string, text: string, most: number): string[] {
  // The API server counts code points, some of which are two units of a JavaScript string.
  const { length } = Array.from(text);
  return length > most ? [`${prop} has ${String(length)} characters: write at most ${String(most)}`] : [];
}
