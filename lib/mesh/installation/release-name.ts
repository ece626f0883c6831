import { createHash } from 'node:crypto';

// Helm takes no longer one.
const MAX_LENGTH = 53;

/**
 * The name of a Helm release. The charts put it into labels alone, so a long one is cut, with a hash that keeps it apart
 * from others.
 */
export function releaseName(name: string): string {
  if (name.length <= MAX_LENGTH) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
