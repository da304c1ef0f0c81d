// The limit of truncation, for the viewer, the runtime's calls and the command line. A file of its own: the bundler puts the number into
// the scripts that need it, so no page fetches one more script for it.

/** The largest factor; the smallest is 0, which gives the mean image. */
export const maxTruncation = 4;
