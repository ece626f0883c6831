import type { MendedInputs } from './mended/mended-input';
import { mendedObservability } from './mended/observability';
import { mendedResiliency } from './mended/resiliency';
import { mendedSecurity } from './mended/security';
import { mendedTokens } from './mended/tokens';
import { mendedTraffic } from './mended/traffic';

/** For each wrong input that a construct says something about: its advice, and what comes of following it. */
export const MENDED_INPUTS: MendedInputs = {
  ...mendedTraffic,
  ...mendedResiliency,
  ...mendedSecurity,
  ...mendedTokens,
  ...mendedObservability,
};
