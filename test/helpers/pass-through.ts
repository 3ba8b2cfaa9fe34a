// For tests of the way that output takes, which need none of it taken out.

import type { ByteFilter } from '../../src/workspace/processes/byte-filter.ts';

export const passThrough: ByteFilter = { push: (bytes) => bytes, flush: () => new Uint8Array(0) };
