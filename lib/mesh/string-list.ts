/** The problems with a list of strings, as phrases that follow the path of the field's parent. */
export function listProblems(field: string, values: readonly string[]): string[] {
  if (values.length === 0) return [`.${field} is empty: name at least one, or leave it out to match any`];
  return values.includes('') ? [`.${field} has an empty string: write a value`] : [];
}

/** The problem with a `*` that Istio would treat as a plain character, if any. */
export function wildcardProblem(field: string, value: string): string[] {
  return /^\*?[^*]*$/.test(value) || /^[^*]*\*$/.test(value)
    ? []
    : [`.${field} '${value}' has a * in an unsupported place: write one * at the start or end, or several values`];
}
