import { resiliency } from './wrong-inputs/resiliency';
import { security } from './wrong-inputs/security';
import { headers } from './wrong-inputs/headers';
import { observability } from './wrong-inputs/observability';
import { tokens } from './wrong-inputs/tokens';
import { traffic } from './wrong-inputs/traffic';
import type { WrongInput } from './wrong-inputs/wrong-input';

/** Mistakes of all areas: each is refused by the API server or istiod, and as a rule by the construct before. */
export const WRONG_INPUTS: readonly WrongInput[] = [
  ...traffic,
  ...headers,
  ...resiliency,
  ...security,
  ...tokens,
  ...observability,
];
