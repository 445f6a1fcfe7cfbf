/** The agent's version: the package's. The bundle has no package.json beside it; a test keeps the two equal. */
export const version = "0.1.0"
