// Settings under which git keeps checkpoints: nothing of the user's, of the system's or of the project's may run a
// program, change a byte of a file, or slow a checkpoint down. Given through the environment, they win over every file.

import { devNull } from 'node:os';

const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ['core.bare', 'false'],
  // Nothing runs.
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  // Files go in as they are on disk; info/attributes of the repository turns the filters of attributes off.
  ['core.autocrlf', 'false'],
  ['core.safecrlf', 'false'],
  ['core.attributesFile', devNull],
  ['core.quotePath', 'false'],
  ['core.longPaths', 'true'],
  // Names that another system could not have are names here; git itself never writes them back.
  ['core.protectNTFS', 'false'],
  ['core.protectHFS', 'false'],
  ['core.sparseCheckout', 'false'],
  ['core.logAllRefUpdates', 'false'],
  // Packs and refs are durable before a record names them. New objects are synced where they are let in; the index is
  // not worth a sync, it can be made again.
  ['core.fsync', 'pack,pack-metadata,reference'],
  // Only what changed is looked at, and folders whose time stands still are not read again.
  ['core.untrackedCache', 'true'],
  ['status.showUntrackedFiles', 'all'],
  ['core.preloadIndex', 'true'],
  ['index.version', '4'],
  ['core.looseCompression', '1'],
  ['user.name', 'roo'],
  ['user.email', 'roo@localhost'],
];

export interface GitPlace {
  gitDir: string;
  workTree: string;
  indexPath: string;
  /** Where new objects go, if not into the repository. */
  objects?: string | undefined;
}

/**
 * The environment of every git command on a shadow repository; the caller's GIT_* variables are left out. Without a
 * place it is for making one.
 */
export function gitEnvironment(
  outer: NodeJS.ProcessEnv,
  place: GitPlace | null,
  excludesFile: string,
): NodeJS.ProcessEnv {
  const settings = [...SETTINGS, ['core.excludesFile', excludesFile] as const];
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...withoutGit(outer),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: devNull,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(numbered),
    ...(place && { GIT_DIR: place.gitDir, GIT_WORK_TREE: place.workTree, GIT_INDEX_FILE: place.indexPath }),
    ...(place?.objects !== undefined && { GIT_OBJECT_DIRECTORY: place.objects }),
    LC_ALL: 'C',
  };
}

/** A hook of the user's git that runs roo hands on which repository it was started from; that one is not ours. */
export function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_')));
}
