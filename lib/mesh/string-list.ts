/** What is wrong with a list of texts, as phrases to be put behind the place of what has the field. */
export function listProblems(field: string, values: readonly string[]): string[] {
  if (values.length === 0) return [`.${field} is empty: name at least one, or leave it out to match any`];
  return values.includes('') ? [`.${field} has an empty text: write what it may be`] : [];
}

/** The problem with a wildcard that Istio would take for a plain character, or nothing. */
export function wildcardProblem(field: string, value: string): string[] {
  return /^\*?[^*]*$/.test(value) || /^[^*]*\*$/.test(value)
    ? []
    : [`.${field} '${value}' has a * that is not its only one at the start or end: write one there, or several values`];
}
