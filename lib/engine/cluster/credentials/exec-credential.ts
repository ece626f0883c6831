import type { Credential } from './credential';
import { headerValue } from './header-value';

/** A credential of a plugin's, and when it expires, in milliseconds since the epoch. */
export interface ExecCredential extends Credential {
  /** Without an end of their own, credentials are good until the API server refuses them. */
  readonly expires: number;
}

interface Answer {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads what a plugin printed.
 *
 * @param apiVersion what the kubeconfig says that the plugin speaks
 * @throws Error that says what is wrong with it, and nothing of what it is
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
export async function execCredential(printed: string, apiVersion: string): Promise<ExecCredential> {
  const answer = (await parsed(printed)) as Answer | null;
  if (answer === null || typeof answer !== 'object' || answer.kind !== 'ExecCredential') {
    throw new Error('it printed no ExecCredential');
  }
  if (answer.apiVersion !== apiVersion) {
    throw new Error(`it printed an ExecCredential of another apiVersion than ${apiVersion}`);
  }
  const { status } = answer;
  if (status === undefined || status === null || typeof status !== 'object') {
    throw new Error('it printed an ExecCredential without a status');
  }
  const text = (field: string) => {
    const value = status[field] ?? '';
    if (typeof value !== 'string') {
      throw new Error(`the status.${field} that it printed is no string`);
    }
    return value;
  };
  const [token, cert, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')];
  if (token === '' && cert === '' && key === '') {
    throw new Error('it printed neither a token nor a client certificate');
  }
  if ((cert === '') !== (key === '')) {
    throw new Error('it printed a client certificate without its key, or a key without its certificate');
  }
  return {
    ...(token === '' ? {} : { authorization: `Bearer ${headerValue('the token that it printed', token)}` }),
    ...(cert === '' ? {} : { certificate: { cert, key } }),
    expires: expiry(text('expirationTimestamp')),
  };
}

async function parsed(printed: string): Promise<unknown> {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
    const { parse } = await import('yaml');
    try {
      return parse(printed, { logLevel: 'silent' }) as unknown;
    } catch {
      return null;
    }
  }
}

function expiry(timestamp: string): number {
  if (timestamp === '') {
    return Infinity;
  }
  const time = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(timestamp)
    ? Date.parse(timestamp)
    : NaN;
  if (Number.isNaN(time)) {
    throw new Error('the status.expirationTimestamp that it printed is no time like 2030-01-31T12:00:00Z');
  }
  return time;
}
