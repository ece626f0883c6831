/** Whether two types are the same, readonly and optional included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A claim about types, which does not compile when it is not true. */
export type Holds<Claim extends true> = Claim;

/** Whether no property of a type can be assigned to; nested properties are not checked. */
export type IsReadonly<T> = Same<T, { readonly [K in keyof T]: T[K] }>;
