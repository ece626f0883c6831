import { access } from './advised-inputs/access';
import type { AdvisedInput } from './advised-inputs/advised-input';
import { automation } from './advised-inputs/automation';
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
  ...access,
  ...installation,
  ...installations,
  ...relations,
  ...automation,
];
