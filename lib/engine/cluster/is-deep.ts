/** Objects of Kubernetes are far flatter. */
const DEPTH = 32;

/**
 * Whether objects and lists in a JSON text are nested so deeply that they could exhaust the stack. Also counts brackets
 * within strings.
 */
export function isDeep(json: string): boolean {
  let depth = 0;
  for (const character of json) {
    if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
    if (depth > DEPTH) {
      return true;
    }
  }
  return false;
}
