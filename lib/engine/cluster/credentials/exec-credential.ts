import { parse } from '../../../bundled-libraries/yaml';
import type { Credential } from './credential';
import { headerValue } from './header-value';

/** A credential from a plugin, with its expiration time in milliseconds since the epoch. */
export interface ExecCredential extends Credential {
  /** Without an expiration time, credentials are valid until the API server refuses them. */
  readonly expires: number;
}

interface Answer {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: Readonly<Record<string, unknown>> | null;
}

/**
 * Parses the output of a plugin.
 *
 * @param apiVersion the version in the kubeconfig
 * @throws Error that describes the problem without revealing the output
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
export function execCredential(printed: string, apiVersion: string): ExecCredential {
  const answer = parsed(printed) as Answer | null;
  if (answer === null || typeof answer !== 'object' || answer.kind !== 'ExecCredential') {
    throw new Error('it did not print an ExecCredential');
  }
  if (answer.apiVersion !== apiVersion) {
    throw new Error(`it printed an ExecCredential whose apiVersion is not ${apiVersion}`);
  }
  const { status } = answer;
  if (status === undefined || status === null || typeof status !== 'object') {
    throw new Error('it printed an ExecCredential without a status');
  }
  const text = (field: string) => {
    const value = status[field] ?? '';
    if (typeof value !== 'string') {
      throw new Error(`the status.${field} that it printed is not a string`);
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

function parsed(printed: string): unknown {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
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
    throw new Error('the status.expirationTimestamp that it printed is not a time such as 2030-01-31T12:00:00Z');
  }
  return time;
}
