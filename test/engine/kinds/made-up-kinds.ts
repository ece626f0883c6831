import { likeItsPod } from '../../../lib/engine/kinds/like-its-pod';
import { isObserved, UNOBSERVED } from '../../../lib/engine/kinds/rolling-update';
import { ownSelector } from '../../../lib/engine/kinds/selects-pod';
import type { RollableKind, UnrollableKind } from '../../../lib/engine/kinds/workload-kind';

/** A kind that does not exist: setting a field of its own replaces its pods. */
export const fleet: RollableKind = {
  type: 'rollable',
  kind: 'Fleet',
  apiVersion: 'fleets.example/v1',
  resource: 'fleets',
  reads: ['get', 'list'],
  reasons: ['Paused'],
  selectorOf: ownSelector,
  status: (workload) => (isObserved(workload) ? { state: 'complete' } : UNOBSERVED),
  isNewest: () => undefined,
  blocked: ({ spec: { paused }, metadata: { name } }) =>
    paused
      ? { reason: 'Paused', sentence: 'the Fleet is in the harbour', remedy: `fleetctl depart ${name}` }
      : undefined,
  makesRoomFirst: () => false,
  stopsFirst: () => 'SingleReplica',
  identity: ({ metadata: { name, uid } }) =>
    likeItsPod(name, { fleet: name }, { apiVersion: 'fleets.example/v1', kind: 'Fleet', name, uid }),
  restart: (at) => ({ spec: { refit: { at } } }),
  restartCommand: (namespace, name) => `fleetctl refit ${namespace}/${name}`,
};

/** Another kind that does not exist: only users replace its pods. */
export const errand: UnrollableKind = {
  type: 'unrollable',
  kind: 'Errand',
  apiVersion: 'fleets.example/v1',
  resource: 'errands',
  reads: ['get', 'list'],
  reasons: ['JobOwned'],
  template: 'owner',
  selectorOf: ownSelector,
  identity: likeItsPod,
  warning: ({ name }) => ({ reason: 'JobOwned', sentence: 'an Errand is run once', remedy: `fleetctl run ${name}` }),
};
