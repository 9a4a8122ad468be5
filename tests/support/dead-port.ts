/** A port on which nobody listens: below those that programs are given, and none of those that fetch refuses. */
export const DEAD_PORT = 2
