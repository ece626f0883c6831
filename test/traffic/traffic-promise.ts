import { App, Chart } from 'cdk8s';
import { type ObjectReference, until } from '../control-plane/kube-client';
import type { TrafficMesh } from './traffic-mesh';

interface Observation<Seen> {
  /** What is promised, in one line. */
  readonly title: string;

  /**
   * Creates objects that exist before and after, so that only the promise makes the difference.
   *
   * @default - the mesh alone
   */
  readonly given?: (chart: Chart) => void;

  /** Sends requests, and says what became of them. */
  readonly observe: (mesh: TrafficMesh) => Promise<Seen>;

  /** Whether what was seen is what is promised; it may not be without the objects. */
  readonly kept: (seen: Seen) => boolean;
}

/** What constructs promise about traffic, or a setting of the module. */
export type TrafficPromise<Seen> = Observation<Seen> &
  (
    | { readonly objects: (chart: Chart, mesh: TrafficMesh) => void | Promise<void>; readonly ofModule?: never }
    | { readonly ofModule: (mesh: TrafficMesh) => readonly ObjectReference[]; readonly objects?: never }
  );

/** A line of the table: how to show that a promise is kept, and that it is the objects that keep it. */
export interface TrafficTest {
  readonly title: string;
  run(mesh: TrafficMesh): Promise<void>;
}

/**
 * The promise as a test: what is promised is not so without the objects, becomes so with them, and ends with them.
 *
 * @param stays whether the objects stay for the tests that follow
 */
export function promise<Seen>(given: TrafficPromise<Seen>, stays = false): TrafficTest {
  return {
    title: given.title,
    async run(mesh) {
      let seen: Seen | undefined;
      const observed = (wanted: boolean) => async () => {
        seen = await given.observe(mesh);
        return given.kept(seen) === wanted;
      };
      const wait = async (wanted: boolean, when: string) => {
        try {
          await until(observed(wanted), when, { timeoutSeconds: 20 });
        } catch (error) {
          throw new Error(`${when}, the last that was seen is ${JSON.stringify(seen)}`, { cause: error });
        }
      };
      const before = new Chart(new App(), 'given');
      given.given?.(before);
      const situation = before.toJson() as ObjectReference[];
      await mesh.apply(situation);
      await wait(false, 'without the objects');
      const objects = given.objects ? await objectsOf(given.objects, mesh) : given.ofModule(mesh);
      try {
        await mesh.apply(objects);
        await wait(true, 'with the objects');
      } finally {
        if (!stays) {
          await mesh.delete([...situation, ...objects]);
        }
      }
    },
  };
}

async function objectsOf(
  make: (chart: Chart, mesh: TrafficMesh) => void | Promise<void>,
  mesh: TrafficMesh,
): Promise<ObjectReference[]> {
  const chart = new Chart(new App(), 'promise');
  await make(chart, mesh);
  // What else there is, such as a Namespace, is part of the mesh already.
  return (chart.toJson() as ObjectReference[]).filter(({ apiVersion }) =>
    /(istio\.io|^gateway\.networking\.k8s\.io)\//.test(apiVersion),
  );
}
