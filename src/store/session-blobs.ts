// Where a session's large parts are: in the folder of its family, or, encrypted, in one of its own.

import type { SessionCipher } from '../crypto/session-cipher.ts';
import { BlobStore } from './blob-store.ts';
import type { StoreLayout } from './store-layout.ts';

export function sessionBlobs(layout: StoreLayout, id: string, family: string, cipher: SessionCipher | null): BlobStore {
  return cipher
    ? new BlobStore(layout.sealedBlobDir(id), layout.trust, cipher)
    : new BlobStore(layout.blobDir(family), layout.trust);
}
