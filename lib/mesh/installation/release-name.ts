import { createHash } from 'node:crypto';

// The limit of Helm.
const MAX_LENGTH = 53;

/**
 * The name of a Helm release. The charts use it only in labels, so a long name is truncated and gets a hash that makes
 * it unique.
 */
export function releaseName(name: string): string {
  if (name.length <= MAX_LENGTH) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
