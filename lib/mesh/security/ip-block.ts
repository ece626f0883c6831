const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The problem with an IP address or CIDR block, if any. */
export function ipBlockProblem(prop: string, block: string): string[] {
  const [address = '', length, ...rest] = block.split('/');
  const longest = longestPrefix(address);
  const sized = length === undefined || (/^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= longest);
  return longest > 0 && sized && rest.length === 0
    ? []
    : [`${prop} '${block}' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'`];
}

/** Whether a string is an IP address. */
export function isIpAddress(text: string): boolean {
  return longestPrefix(text) > 0;
}

/** The number of bits of an IP address; 0 if it is not one. */
function longestPrefix(address: string): number {
  if (IPV4.test(address)) return 32;
  return /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(address) && URL.canParse(`http://[${address}]/`) ? 128 : 0;
}
