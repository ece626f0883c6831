import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { cliFile } from './programs';
import type { Section } from './figure';
import type { MeasureOptions, MeshLoad } from './mesh-load';
import { count } from './planning';

export interface WatchingCost {
  readonly workloads: number;
  readonly replicas: number;
  readonly changes: { readonly first: number; readonly all: number };
  /** Resident memory in MB: after the first run, after the first changes, and after all of them. */
  readonly memory: readonly { readonly idle: number; readonly first: number; readonly all: number }[];
}

/** Changes of Namespaces, each of which may concern sidecars. */
const CHANGES = { first: 1_000, all: 10_000 };

/** Lets a watch see many changes, and measures how much memory it keeps. Linux only. */
export async function measureWatching(mesh: MeshLoad, options: MeasureOptions): Promise<WatchingCost> {
  const { workloads, replicas, repetitions, progress } = options;
  const memory: WatchingCost['memory'][number][] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const watching = new Watching(mesh.kubeconfig);
    try {
      await watching.isIdle();
      const idle = watching.megabytes;
      const after = async (changes: number) => {
        await mesh.changeNamespaces(changes);
        await watching.isIdle();
        return watching.megabytes;
      };
      const first = await after(CHANGES.first);
      const all = await after(CHANGES.all - CHANGES.first);
      memory.push({ idle, first, all });
      progress(`the watch holds ${String(idle)} MB, then ${String(first)} MB, and finally ${String(all)} MB`);
    } finally {
      watching.kill();
    }
  }
  return { workloads, replicas, changes: CHANGES, memory };
}

export function watchingSection({ workloads, replicas, changes, memory }: WatchingCost): Section {
  const mesh = `${count(workloads)} workloads of ${String(replicas)} ${replicas === 1 ? 'pod' : 'pods'}`;
  const first = { name: `after ${count(changes.first)} changes`, values: memory.map((one) => one.first) };
  return {
    title: 'Watching',
    about: [
      `Resident memory of \`istio-module watch\`, as the operating system counts it, while labels of Namespaces change as fast as the API server accepts the changes. Changes in quick succession cause one plan. A watch that kept data about each change would grow with their number.`,
    ],
    figures: [
      {
        name: `${mesh}, after ${count(changes.all)} changes`,
        unit: 'MB',
        subject: { name: 'istio-module watch', values: memory.map((one) => one.all) },
        floor: first,
        target: { kind: 'ratio', atMost: 1.15 },
      },
      {
        ...{ name: `${mesh}, after ${count(changes.first)} changes`, unit: 'MB', subject: first },
        floor: { name: 'after its first run', values: memory.map((one) => one.idle) },
      },
    ],
  };
}

/** `istio-module watch` in a process of its own. */
class Watching {
  private readonly child: ChildProcess;
  private runs = 0;
  private wake: () => void = () => undefined;

  constructor(kubeconfig: string) {
    const args = ['watch', '--kubeconfig', kubeconfig, '--log-format', 'json'];
    const child = spawn(process.execPath, [cliFile(), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('"event":"watching"')) {
        this.runs += 1;
        this.wake();
      }
    });
    this.child = child;
  }

  get megabytes(): number {
    const status = readFileSync(`/proc/${String(this.child.pid)}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
  }

  /** Waits until a run has ended and no further run follows it. */
  async isIdle(): Promise<void> {
    let seen: number;
    do {
      seen = this.runs;
      await new Promise<void>((resolve) => {
        const pause = setTimeout(resolve, seen === 0 ? 120_000 : 15_000);
        this.wake = () => {
          clearTimeout(pause);
          resolve();
        };
      });
    } while (this.runs > seen);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
