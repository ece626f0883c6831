import { ControlPlane } from './control-plane';
import { Istiod } from './istiod';

const progress = (line: string) => process.stdout.write(`${line}\n`);

/** A process that owns a control plane with an istiod and does nothing more: a test kills it. */
async function own(): Promise<void> {
  const controlPlane = await ControlPlane.start({ progress });
  const { address } = await Istiod.follow(controlPlane);
  progress(`istiod has the address ${address}`);
  setInterval(() => undefined, 60_000);
}

own().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
