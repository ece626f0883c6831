/** Computes something only once for each object, because several callers need it, or one caller needs it often. */
export function once<K extends object, T>(compute: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, T>();
  return (of) => {
    const found = known.get(of);
    if (found !== undefined || known.has(of)) return found as T;
    const value = compute(of);
    known.set(of, value);
    return value;
  };
}
