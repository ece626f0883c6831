/** The value of an own property: keys come from the cluster, where `constructor` is as good a name as any. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
