export { Document, LineCounter, parse, parseAllDocuments, visit } from 'yaml';
export type { Scalar, Tags } from 'yaml';
