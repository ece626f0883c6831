const REDACTED = '(not shown)';
const WORDS =
  'token|secret|passw|passphrase|credential|authorization|cookie|(?:private|api|access|signing|encryption).?key';
const SECRET = new RegExp(`(?:${WORDS})`, 'i');
/** Istio's own names that look secret and hold paths, ports or references only. */
const NOT_SECRET =
  /^(istio-token|istio-envoy|istiod-ca-cert|JWT_POLICY|CREDENTIAL_|serviceAccountToken|secretKeyRef$|secretRef$)/;
/** Fields of a volume's source that name a Secret. */
const NAMES_SECRET = /^(secret|secretName|nodePublishSecretRef)$/;
/** Within a text: `--api-token=…`, `password: …`. */
const ASSIGNMENT = new RegExp(`([\\w.-]*(?:${WORDS})[\\w.-]*(?:=|:\\s+))[^\\s,;&"']+`, 'gi');
const USER_OF_URL = /(\b[a-z][\w+.-]*:\/\/)[^\s/@"']+@/gi;
const SCHEME = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
/** An option whose value is the argument behind it. */
const OPTION = new RegExp(`^--?[\\w-]*(?:${WORDS})[\\w-]*$`, 'i');

/** The value of the field at the path: a text as it is, all else as JSON with sorted keys; `(not shown)` in place of secrets. */
export function shownText(path: string, value: unknown): string {
  if (isSecretPath(path)) {
    return REDACTED;
  }
  return typeof value === 'string' ? redactedText(value) : JSON.stringify(redacted(value));
}

/** The items from one position to before another of the list at the path, as JSON. */
export function shownItems(path: string, list: readonly unknown[], from: number, to: number): string {
  return isSecretPath(path) ? REDACTED : JSON.stringify(redactedList(list).slice(from, to));
}

function redactedList(list: readonly unknown[]): readonly unknown[] {
  return list.map((item, index) => {
    const before = list[index - 1];
    return typeof before === 'string' && typeof item === 'string' && OPTION.test(before) ? REDACTED : redacted(item);
  });
}

/** The objects, and lists, that Istio keeps as JSON in environment variables; any other value as it is. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) {
    return value;
  }
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function redacted(json: unknown): unknown {
  const value = fromJson(json);
  if (Array.isArray(value)) {
    return redactedList(value);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? redactedText(value) : value;
  }
  const { name } = value as { readonly name?: unknown };
  const isSecretPair = typeof name === 'string' && isSecret(name);
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((key) => {
        const field = fields[key];
        const isHidden = (isSecret(key) && !NAMES_SECRET.test(key)) || (isSecretPair && key === 'value');
        return [key, isHidden && typeof fromJson(field) !== 'object' ? REDACTED : redacted(field)];
      }),
  );
}

function redactedText(text: string): string {
  return text
    .replace(USER_OF_URL, `$1${REDACTED}@`)
    .replace(SCHEME, `$1 ${REDACTED}`)
    .replace(ASSIGNMENT, `$1${REDACTED}`);
}

/** Mounts and volumes are called by names, and name Secrets; neither says what is in them. */
function isSecretPath(path: string): boolean {
  const [place, field, ...fields] = path.split('.');
  if (place === 'volumes') {
    return fields.some((name) => isSecret(name) && !NAMES_SECRET.test(name));
  }
  return field !== 'volumeMounts' && [field ?? '', ...fields].some(isSecret);
}

function isSecret(name: string): boolean {
  return SECRET.test(name) && !NOT_SECRET.test(name);
}
