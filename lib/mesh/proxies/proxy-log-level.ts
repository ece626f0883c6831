/** Log level of Envoy, from everything to nothing. */
export enum ProxyLogLevel {
  TRACE = 'trace',
  DEBUG = 'debug',
  INFO = 'info',
  WARNING = 'warning',
  ERROR = 'error',
  CRITICAL = 'critical',
  OFF = 'off',
}
