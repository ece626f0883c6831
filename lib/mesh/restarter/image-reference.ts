/** Registry with port, path, tag and digest, in the format of the kubelet. */
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9.:-]*(?:\/[a-z0-9._-]+)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-f]{32,})?$/;

/** The problem with an image reference, if any. */
export function imageProblems(image: string): string[] {
  return IMAGE.test(image)
    ? []
    : [
        `image '${image}' is not an image: write registry, path and tag, such as 'registry.example.com/istio-module:0.1.0'`,
      ];
}

/** Likely mistakes in an image reference. */
export function imageWarnings(image: string): string[] {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const isPinned = name.includes(':') && !name.endsWith(':latest');
  return isPinned ? [] : [`image '${image}' can change with every push: name a version as the tag, or a digest`];
}
