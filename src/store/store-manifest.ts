// metadata.json: what kind of store a sessions folder is. It says nothing of the sessions themselves, so it can be lost
// without losing one.

import { renameSync } from 'node:fs';
import { SessionError, systemError } from '../core/errors.ts';
import type { Warning } from '../core/errors.ts';
import { ensureDirectory, replaceFile } from './durable-files.ts';
import { readSafely } from './safe-file.ts';
import { freePath } from './log-recover.ts';
import type { StoreLayout } from './store-layout.ts';

export const STORE_FORMAT = 2;

export interface StoreManifest {
  format: number;
  storeId: string;
  createdAt: string;
}

/**
 * Reads the manifest, or makes it when it is missing. A file of the story's format 1 (a list of sessions) or one that
 * cannot be parsed is moved aside, never overwritten. Throws FORMAT_NEWER for a store of a later major version.
 */
export function ensureManifest(
  layout: StoreLayout,
  fresh: () => StoreManifest,
): { manifest: StoreManifest; warnings: Warning[] } {
  ensureDirectory(layout.sessionsDir);
  const bytes = readSafely(layout.manifestPath);
  const found = bytes && parse(bytes);
  if (found && found.format > STORE_FORMAT) {
    throw new SessionError('FORMAT_NEWER', `${layout.sessionsDir} is a store of format ${found.format}`, {
      op: 'open',
      path: layout.manifestPath,
      hint: 'upgrade roo: npm i -g roo-cli@latest',
    });
  }
  if (found) return { manifest: found, warnings: [] };
  const warnings = bytes ? [setAside(layout.manifestPath)] : [];
  const manifest = fresh();
  replaceFile(layout.manifestPath, Buffer.from(JSON.stringify(manifest) + '\n'));
  return { manifest, warnings };
}

function parse(bytes: Buffer): StoreManifest | null {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Partial<StoreManifest> | null;
    // Of a later version only the number is known.
    const isOurs =
      typeof value?.format === 'number' && (value.format > STORE_FORMAT || typeof value.storeId === 'string');
    return isOurs ? (value as StoreManifest) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function setAside(path: string): Warning {
  const kept = freePath(`${path}.kept`);
  try {
    renameSync(path, kept);
  } catch (error) {
    throw systemError(error, 'move aside', path);
  }
  return {
    code: 'FORMAT_UNKNOWN',
    message: `${path} was of another format; it is kept as ${kept}`,
    path: kept,
  };
}
