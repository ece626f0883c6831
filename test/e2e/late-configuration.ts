import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INJECTION_FILES, type InjectionConfigMap } from './reconfigure';

/**
 * A directory for istiod to run in, whose files istiod prefers to the ConfigMaps. In a cluster, the kubelet mounts
 * these files; here, a test decides how late they arrive.
 */
export class LateConfiguration {
  readonly directory = mkdtempSync(join(tmpdir(), 'late-configuration-'));

  /** Does what the kubelet's sync does. */
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
