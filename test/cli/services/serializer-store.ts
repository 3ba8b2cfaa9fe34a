// A store in a folder of the test's own, as the serializer sees it.

import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { SessionSerializer } from '../../../src/cli/services/SessionSerializer.ts';
import type { SerializerOptions, SerializerStore } from '../../../src/cli/services/SessionSerializer.ts';
import { SessionStorage } from '../../../src/cli/services/SessionStorage.ts';
import { BlobStore } from '../../../src/store/blob-store.ts';
import { readInbox } from '../../../src/store/inbox.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

export interface TestStore {
  storage: SessionStorage;
  store: SerializerStore;
  serializer: SessionSerializer;
  folder: string;
}

export function testStore(test: TestContext, options: SerializerOptions = {}): TestStore {
  const folder = tempFolder(test);
  const storage = new SessionStorage({ home: join(folder, '.roo') });
  test.after(() => storage.close());
  const store = storeOf(storage);
  return { storage, store, serializer: new SessionSerializer(store, { temporary: folder, ...options }), folder };
}

export function storeOf(storage: SessionStorage): SerializerStore {
  return {
    clock: storage.clock,
    openReader: (id) => storage.openReader(id),
    openBase: storage.openBase,
    details: (id) => storage.details(id),
    exists: (id) => storage.catalogue.exists(id),
    waiting: (id) => readInbox(storage.layout, id).entries.flatMap((entry) => entry.records),
    blobs: (family) => new BlobStore(storage.layout.blobDir(family)),
    createWriter: (session) => storage.writers.create(session, 'bulk'),
    openWriter: (id) => storage.writers.open(id, 'bulk'),
    closeWriter: (writer) => storage.writers.close(writer),
    importedAs: (agent, id) => storage.catalogue.importedAs(agent, id),
  };
}
