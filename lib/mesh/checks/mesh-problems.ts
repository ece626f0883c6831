import type { ApiObject } from 'cdk8s';
import type { MeshOrder } from '../mesh-order';
import { conflictingDestinationRuleProblems } from './conflicting-destination-rules';
import { conflictingGatewayProblems } from './conflicting-gateways';
import { conflictingRouteProblems } from './conflicting-routes';
import { duplicateObjectProblems } from './duplicate-objects';
import { gatewayReferenceProblems } from './gateway-references';
import { meshesOf, type Mesh } from './mesh';
import { namespaceLabelProblems } from './namespace-labels';
import { outsideMeshProblems } from './outside-mesh';
import { sameSelectionProblems } from './same-selection';
import { tlsModeProblems } from './tls-modes';
import { undefinedSubsetProblems } from './undefined-subsets';

const CHECKS: readonly ((mesh: Mesh) => string[])[] = [
  namespaceLabelProblems,
  outsideMeshProblems,
  conflictingRouteProblems,
  conflictingDestinationRuleProblems,
  undefinedSubsetProblems,
  gatewayReferenceProblems,
  conflictingGatewayProblems,
  sameSelectionProblems,
  tlsModeProblems,
];

/**
 * What is wrong between objects, one sentence each: whatever can be told from the app alone, with certainty. Objects
 * that constructs make and plain ApiObjects are held to the same.
 */
export function meshProblems(objects: readonly ApiObject[], order: MeshOrder): string[] {
  return [
    ...duplicateObjectProblems(objects),
    ...meshesOf(objects, order).flatMap((mesh) => CHECKS.flatMap((check) => check(mesh))),
  ];
}
