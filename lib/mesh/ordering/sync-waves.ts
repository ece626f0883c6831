import type { ApiObject } from 'cdk8s';
import { annotationsOf } from './annotations-of';
import { InstallationStage } from './installation-stage';
import { isAdopted, type Stages } from './stages';

const PREFIX = 'argocd.argoproj.io';

/** The annotations by which Argo CD orders the objects of an app. */
export class SyncWaves {
  private readonly added = new WeakMap<ApiObject, Readonly<Record<string, string>>>();

  /** Annotates objects. Annotations that others have set stay; its own ones follow the objects' stages. */
  annotate(objects: readonly ApiObject[], stages: Stages): void {
    for (const object of objects) {
      const present = annotationsOf(object);
      const added = this.added.get(object) ?? {};
      const missing = Object.entries(annotationsFor(object, stages.of(object))).filter(
        ([name]) => present[name] === undefined || present[name] === added[name],
      );
      for (const [name, value] of missing) object.metadata.addAnnotation(name, value);
      this.added.set(object, Object.fromEntries(missing));
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
