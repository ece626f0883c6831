/** A host of a Gateway's server. */
export interface GatewayHost {
  /** A domain name, which may start with `*`. */
  readonly name: string;

  /** The namespace whose policies can use the host; `*` for all. */
  readonly namespace: string;
}

/** The host that an entry of a server's `hosts` means, such as `shop/www.example.com` or `./www.example.com`. */
export function gatewayHost(entry: string, gatewayNamespace: string): GatewayHost {
  const [first = '', name] = entry.split('/');
  if (name === undefined) return { name: first, namespace: '*' };
  return { name, namespace: first === '.' ? gatewayNamespace : first };
}
