// A session's preferences: the story's names and defaults, in the story's units.

/** See docs/config.md for what each one does. */
export interface SessionConfig {
  autoSave: boolean;
  /** Minutes between captures of slow state. */
  autoSaveInterval: number;
  /** Messages that `loadSession` brings into memory; the older ones stay on disk and page in. */
  maxHistoryLength: number;
  compressionEnabled: boolean;
  encryptionEnabled: boolean;
  /** Days without a change after which `cleanup` proposes a session. Nothing is removed by itself. */
  retentionDays: number;
  /** Megabytes (10^6 bytes) after which the log goes on in a next part. */
  maxSessionSize: number;
}

export const DEFAULT_SESSION_CONFIG: Readonly<SessionConfig> = {
  autoSave: true,
  autoSaveInterval: 5,
  maxHistoryLength: 1000,
  compressionEnabled: true,
  encryptionEnabled: false,
  retentionDays: 30,
  maxSessionSize: 100,
};

/** Defaults, then the installation's settings, then the session's own; values of the wrong kind are passed over. */
export function effectiveConfig(...layers: Readonly<Record<string, unknown>>[]): SessionConfig {
  const config: Record<string, unknown> = { ...DEFAULT_SESSION_CONFIG };
  for (const layer of layers) {
    for (const [key, standard] of Object.entries(DEFAULT_SESSION_CONFIG)) {
      const value = layer[key];
      if (typeof value !== typeof standard || Number.isNaN(value)) continue;
      if (typeof value !== 'number' || value >= 0) config[key] = value;
    }
  }
  return config as unknown as SessionConfig;
}
