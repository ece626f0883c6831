const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Names of Services have at most 63 characters. */
const REVISION_LENGTH = 63 - 'istiod-'.length;
const TAG_LENGTH = 63 - 'istiod-revision-tag-'.length;
/**
 * The charts write a tag without quotes, so YAML may read these as numbers, dates, booleans or null, which are not
 * valid labels.
 */
const OTHER_THAN_TEXT = /^(\d.*|true|false|yes|no|on|off|y|n|null)$/;

/** The name of the control plane without a revision, which injects in namespaces with `istio-injection: enabled`. */
export const DEFAULT_REVISION = 'default';

/** The problem with the name of a revision or tag, if any. */
export function revisionProblem(what: string, name: string, length = REVISION_LENGTH, example = '1-31-1'): string[] {
  return NAME.test(name) && name.length <= length
    ? []
    : [
        `${what} '${name}' is not a valid name: write at most ${String(length)} lower-case letters, digits and hyphens, such as '${example}'`,
      ];
}

/** The problems with the revision of a control plane and its tags, one sentence each. */
export function revisionProblems(revision: string | undefined, tags: readonly string[]): string[] {
  const found = revision === undefined ? [] : revisionProblem('revision', revision);
  if (revision === DEFAULT_REVISION) {
    found.push("revision 'default' is the control plane without a revision: leave the prop out");
  }
  tags.forEach((tag, index) => {
    const title = `revision tag '${tag}'`;
    found.push(...revisionProblem('revision tag', tag, TAG_LENGTH, 'stable'));
    if (OTHER_THAN_TEXT.test(tag)) {
      found.push(
        `${title} without quotes in YAML may be read as something other than text: write another, such as 'v${tag}'`,
      );
    }
    if (tags.indexOf(tag) < index) found.push(`${title} is defined twice: leave one out`);
    if (tag === revision) found.push(`${title} is the revision itself: leave it out, or write another`);
    if (tag === DEFAULT_REVISION && revision === undefined) {
      found.push(`${title} needs a control plane with a revision: leave it out, or set the prop revision`);
    }
  });
  return found;
}
