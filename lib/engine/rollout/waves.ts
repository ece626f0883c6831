/** What decides when, among the others, a workload is rolled. */
export interface WaveMember {
  /** Whether it is a gateway, which is rolled after all that is behind it. */
  readonly isGateway: boolean;
  /** Lower ones come first. */
  readonly order: number;
}

/** The members in the order in which they are rolled: each wave waits for the one before it. */
export function wavesOf<T extends WaveMember>(members: readonly T[]): readonly (readonly T[])[] {
  const waves = new Map<string, T[]>();
  const sorted = [...members].sort(
    (one, other) => Number(one.isGateway) - Number(other.isGateway) || one.order - other.order,
  );
  for (const member of sorted) {
    const key = `${String(member.isGateway)} ${String(member.order)}`;
    waves.set(key, [...(waves.get(key) ?? []), member]);
  }
  return [...waves.values()];
}
