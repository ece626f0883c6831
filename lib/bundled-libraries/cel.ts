export { parse } from '@bufbuild/cel';
