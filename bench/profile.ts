/** The parts of a CPU profile, as V8 writes it, that are read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The functions that took most, themselves and not by what they called. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, most = 15): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '';
    const milliseconds = (timeDeltas[index] ?? 0) / 1000;
    if (name !== '(idle)') {
      busy += milliseconds;
      times.set(name, (times.get(name) ?? 0) + milliseconds);
    }
  });
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, most);
  return rows.map(([name, milliseconds]) => {
    const share = ((100 * milliseconds) / busy).toFixed(1);
    return `${share.padStart(5)} % ${milliseconds.toFixed(0).padStart(7)} ms  ${name}`;
  });
}

/** Without the machine's paths: within this package or another, or Node's own. */
function nameOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const place = /(?:^node:.*|[^/]+\/[^/]+$)/.exec(url)?.[0];
  return place ? `${functionName || '(anonymous)'}, ${place}` : functionName;
}
