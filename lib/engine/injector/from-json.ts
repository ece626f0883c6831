/** Istio's own objects in variables are far smaller and flatter; a pod's user may write what makes a parser's caller recurse. */
const LIMITS = { characters: 65_536, depth: 32 };

/** The objects, and lists, that Istio keeps as JSON in environment variables; any other value as it is. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > LIMITS.characters || !/^\s*[{[]/.test(value) || isDeep(value)) {
    return value;
  }
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Brackets within texts count, too: then it is compared as the text that it is. */
function isDeep(json: string): boolean {
  let depth = 0;
  for (const character of json) {
    if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
    if (depth > LIMITS.depth) {
      return true;
    }
  }
  return false;
}
