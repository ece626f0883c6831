/** Determines the place of a workload in the order of restarts. */
export interface WaveMember {
  /** Whether it is a gateway. Gateways are restarted after the workloads behind them. */
  readonly isGateway: boolean;
  readonly namespace: string;
  /** The order of its namespace among the namespaces; lower ones come first. */
  readonly namespaceOrder: number;
  /** The order within its namespace; lower ones come first. It never affects the order of other namespaces. */
  readonly order: number;
}

/**
 * The members in the order of their restarts. A wave consists of all gateways, or all other workloads, of the
 * namespaces with the same `namespaceOrder`, and waits for the previous wave. Within a wave, namespaces come in the
 * order in which they first occur among the members, and the members of a namespace are sorted by `order`.
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
