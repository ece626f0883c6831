import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INJECTION_FILES, type InjectionConfigMap } from './reconfigure';

/**
 * A directory for istiod to run in, whose files it prefers to the ConfigMaps: what the kubelet mounts in a cluster, and
 * as late as a test wants it to be.
 */
export class LateConfiguration {
  readonly directory = mkdtempSync(join(tmpdir(), 'late-configuration-'));

  /** What the kubelet's sync comes to. */
  arrive(configMaps: readonly InjectionConfigMap[]): void {
    for (const { metadata, data } of configMaps) {
      const directory = join(this.directory, INJECTION_FILES[metadata.name]);
      mkdirSync(directory, { recursive: true });
      for (const [key, content] of Object.entries(data)) {
        writeFileSync(join(directory, key), content);
      }
    }
  }
}
