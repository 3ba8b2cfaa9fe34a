// Documents of format 1 as the story's own code writes them: JSON.stringify of an envelope, its checksum over
// JSON.stringify of the session, gzip or plain.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface StorySession {
  id: string;
  [field: string]: unknown;
}

function at(minute: number): string {
  return new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString();
}

/** A session of the story with everything in it, and so many messages. */
export function storySession(id: string, messages = 3): StorySession {
  return {
    id,
    name: 'from the story',
    description: 'written by another program',
    metadata: {
      createdAt: at(0),
      updatedAt: at(messages),
      lastAccessedAt: at(messages),
      version: '1.0',
      tags: ['old', 'kept'],
      duration: 1234,
      commandCount: 2,
      status: 'paused',
    },
    state: {
      workingDirectory: '/home/dev/old project',
      environment: { EDITOR: 'vi' },
      activeProcesses: [{ pid: 42, command: 'npm run dev', status: 'running' }],
      openFiles: ['src/a.ts'],
      watchedFiles: ['src'],
      mcpConnections: [{ name: 'files', transport: 'stdio' }],
    },
    history: {
      messages: Array.from({ length: messages }, (_, i) => ({
        id: `message-${i + 1}`,
        role: i % 2 === 0 ? 'user' : 'assistant',
        content: `what was said ${i + 1} — 店`,
        timestamp: at(i + 1),
      })),
      context: { systemPrompt: 'Be good.', tools: ['bash'] },
      checkpoints: [{ id: 'cp-1', description: 'before', timestamp: at(1), messageId: 'message-1' }],
    },
    tools: [{ toolName: 'bash', configuration: { timeout: 5 }, cache: { a: 1 }, lastUsed: at(2), usageCount: 7 }],
    files: { workingDirectory: '/home/dev/old project', watchedDirectories: ['src'], ignorePatterns: ['dist'] },
    config: { autoSave: true, autoSaveInterval: 5, maxHistoryLength: 1000 },
  };
}

export function documentText(session: StorySession, changes: Record<string, unknown> = {}): string {
  const checksum = createHash('sha256').update(JSON.stringify(session)).digest('hex');
  return JSON.stringify({ version: '1.0', session, checksum, compressed: true, ...changes });
}

/** In the two ways they are found on disk. */
export const PACKINGS: Readonly<Record<'gzip' | 'plain', (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text),
  plain: (text) => Buffer.from(text),
};
