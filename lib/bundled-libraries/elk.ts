/*! elkjs, EPL-2.0: https://github.com/kieler/elkjs has its source. */
export { default as Elk } from 'elkjs/lib/elk.bundled.js';
export type { ElkExtendedEdge, ElkNode, ElkPoint, ElkPort } from 'elkjs/lib/elk.bundled.js';
