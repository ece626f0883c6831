import { noProxy } from './no-proxy';

/**
 * The proxy for a server: the one in the kubeconfig, otherwise the one in the environment (HTTPS_PROXY, HTTP_PROXY,
 * NO_PROXY), by the rules of Go programs.
 *
 * @param configured the proxy in the kubeconfig, or empty
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

/** Ignores a value that is not a URL even after `http://` is added. */
function parsed(proxy: string): URL | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  return proxy !== '' && URL.canParse(url) ? new URL(url) : undefined;
}
