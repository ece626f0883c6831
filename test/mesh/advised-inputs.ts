import { access } from './advised-inputs/access';
import type { AdvisedInput } from './advised-inputs/advised-input';
import { automation } from './advised-inputs/automation';
import { destinations } from './advised-inputs/destinations';
import { edge } from './advised-inputs/edge';
import { effects } from './advised-inputs/effects';
import { gateways } from './advised-inputs/gateways';
import { installation } from './advised-inputs/installation';
import { installations } from './advised-inputs/installations';
import { namespaces } from './advised-inputs/namespaces';
import { relations } from './advised-inputs/relations';
import { traffic } from './advised-inputs/traffic';

/** Advice about props that only a construct has, or that the API server may accept although they have no effect. */
export const ADVISED_INPUTS: readonly AdvisedInput[] = [
  ...namespaces,
  ...traffic,
  ...gateways,
  ...edge,
  ...destinations,
  ...access,
  ...installation,
  ...installations,
  ...relations,
  ...effects,
  ...automation,
];
