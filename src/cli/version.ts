// The version without reading package.json at every start; a test holds the two together.

export const VERSION = '0.1.0';
