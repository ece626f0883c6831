import type { ApiObject } from 'cdk8s';
import { annotationsOf } from './annotations-of';
import { InstallationStage } from './installation-stage';
import { isAdopted, type Stages } from './stages';

const PREFIX = 'argocd.argoproj.io';

/** The annotations with which Argo CD orders the objects of an app. */
export class SyncWaves {
  private readonly known = new WeakMap<ApiObject, InstallationStage>();

  /** Annotates objects with the waves of their stages. Annotations that others have set are kept. */
  annotate(objects: readonly ApiObject[], stages: Stages): void {
    for (const object of objects) {
      const stage = stages.of(object);
      const last = this.known.get(object);
      // cdk8s validates an app once for itself and once for each Chart.
      if (stage === last) continue;
      const own = last ? annotationsFor(object, last) : {};
      const present = annotationsOf(object);
      for (const [name, value] of Object.entries(annotationsFor(object, stage))) {
        if (present[name] === undefined || present[name] === own[name]) object.metadata.addAnnotation(name, value);
      }
      this.known.set(object, stage);
    }
  }
}

function annotationsFor(object: ApiObject, stage: InstallationStage): Readonly<Record<string, string>> {
  return {
    [`${PREFIX}/sync-wave`]: String(stage.syncWave),
    ...(object.kind === 'Job' && stage === InstallationStage.RESTART
      ? { [`${PREFIX}/hook`]: 'Sync', [`${PREFIX}/hook-delete-policy`]: 'BeforeHookCreation' }
      : {}),
    ...(isAdopted(object) ? { [`${PREFIX}/sync-options`]: 'Prune=false,Delete=false' } : {}),
  };
}
