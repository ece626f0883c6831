import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The parts of a CPU profile of V8 that are read. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The functions with the most self time, which excludes the time in functions that they call. */
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

/** The function with its file, within its package or within Node, without the paths of this machine. */
function nameOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const place = /(?:^node:.*|[^/]+\/[^/]+$)/.exec(url)?.[0];
  return place ? `${functionName || '(anonymous)'}, ${place}` : functionName;
}

/** Calls `run`, which must pass the arguments to node, and returns its result and where the process spent its time. */
export async function profiled<T>(
  run: (nodeArgs: readonly string[]) => Promise<T>,
): Promise<{ readonly result: T; readonly lines: readonly string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'istio-module-profile-'));
  try {
    const result = await run(['--cpu-prof', '--cpu-prof-dir', directory]);
    const [file = ''] = readdirSync(directory);
    return { result, lines: selfTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
