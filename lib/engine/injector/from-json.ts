/**
 * Istio's own objects in variables are far smaller and flatter. Limits what users of a pod can make the engine recurse
 * into.
 */
const LIMITS = { characters: 65_536, depth: 32 };

/** Parses the JSON objects and lists that Istio stores in environment variables. Returns other values unchanged. */
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

/** Also counts brackets within strings. A text that is too deep is compared as text. */
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
