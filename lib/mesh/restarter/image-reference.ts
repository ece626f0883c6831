/** Registry with port, path, tag and digest, as the kubelet takes them. */
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9.:-]*(?:\/[a-z0-9._-]+)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-f]{32,})?$/;

/** The problem with a text that names no image, or nothing. */
export function imageProblems(image: string): string[] {
  return IMAGE.test(image)
    ? []
    : [
        `image '${image}' is not an image: write registry, path and tag, such as 'registry.example.com/istio-module:0.1.0'`,
      ];
}

/** What is likely a mistake about it. */
export function imageWarnings(image: string): string[] {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const isPinned = name.includes(':') && !name.endsWith(':latest');
  return isPinned ? [] : [`image '${image}' is whatever was pushed last: name a version as the tag, or a digest`];
}
