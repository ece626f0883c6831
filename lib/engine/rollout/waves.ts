/** What decides when, among the others, a workload is rolled. */
export interface WaveMember {
  /** Whether it is a gateway, which is rolled after all that is behind it. */
  readonly isGateway: boolean;
  readonly namespace: string;
  /** Of its namespace, among the namespaces: lower ones come first. */
  readonly namespaceOrder: number;
  /** Within its namespace: lower ones come first. Who may write it may not decide about other namespaces. */
  readonly order: number;
}

/**
 * The members in the order in which they are rolled: each wave waits for the one before it. Within a wave, namespaces are
 * in the order of the members, and those of a namespace by their own order.
 */
export function wavesOf<T extends WaveMember>(members: readonly T[]): readonly (readonly T[])[] {
  const positions = new Map<string, number>();
  for (const { namespace } of members) {
    positions.set(namespace, positions.get(namespace) ?? positions.size);
  }
  const position = ({ namespace }: T) => positions.get(namespace) ?? 0;
  const sorted = [...members].sort(
    (one, other) =>
      Number(one.isGateway) - Number(other.isGateway) ||
      one.namespaceOrder - other.namespaceOrder ||
      position(one) - position(other) ||
      one.order - other.order,
  );
  const waves = new Map<string, T[]>();
  for (const member of sorted) {
    const key = `${String(member.isGateway)} ${String(member.namespaceOrder)}`;
    waves.set(key, [...(waves.get(key) ?? []), member]);
  }
  return [...waves.values()];
}
