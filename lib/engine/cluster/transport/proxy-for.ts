import { noProxy } from './no-proxy';

/**
 * The proxy on the way to a server: the one that the kubeconfig names, else the one of the environment
 * (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), by the rules of Go's programs.
 *
 * @param configured empty when the kubeconfig names none
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(
  server: URL,
  configured: string,
  environment: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  if (configured !== '') {
    return new URL(configured);
  }
  const setting = (name: string) => environment[name] || environment[name.toLowerCase()] || '';
  const proxy = parsed(setting(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'));
  return proxy && !noProxy(server, setting('NO_PROXY')) ? proxy : undefined;
}

/** One that is no URL, even with a scheme before it, counts for nothing. */
function parsed(proxy: string): URL | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  return proxy !== '' && URL.canParse(url) ? new URL(url) : undefined;
}
