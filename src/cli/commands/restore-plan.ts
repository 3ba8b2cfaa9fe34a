// What going on with a session would do, decided before anything is done: saved state and what is there now, turned
// into actions with reasons. `--dry-run` prints exactly this.

import type { SessionDetails } from '../types/service-types.ts';
import { plural } from '../output/units.ts';

export interface RestoreAction {
  kind: 'conversation' | 'cwd' | 'config';
  /** `blocked` and `missing` need the user; the others simply happen. */
  action: 'load' | 'mark-interrupted' | 'blocked' | 'enter' | 'stay' | 'missing' | 'apply';
  target: string;
  reason: string;
}

export interface Observed {
  /** Folder roo runs in. */
  cwd: string;
  /** Whether the session's folder can be entered. */
  sessionFolder: 'there' | 'missing';
}

export function planRestore(saved: SessionDetails, observed: Observed): RestoreAction[] {
  return [...planConversation(saved), planFolder(saved, observed), ...planConfig(saved)];
}

function planConversation({ session, fold, config, holder }: SessionDetails): RestoreAction[] {
  const shown = Math.min(session.messageCount, config.maxHistoryLength);
  const plan: RestoreAction[] = [];
  if (holder !== null) {
    plan.push({
      kind: 'conversation',
      action: 'blocked',
      target: `process ${holder.pid} on ${holder.host}`,
      reason: `it has the session open since ${holder.since}`,
    });
  }
  plan.push({
    kind: 'conversation',
    action: 'load',
    target: plural(shown, 'message'),
    reason:
      shown === session.messageCount
        ? 'the whole conversation'
        : `the newest of ${session.messageCount}; maxHistoryLength is ${config.maxHistoryLength}, older ones page in`,
  });
  for (const [callId, call] of Object.entries(fold.openCalls)) {
    plan.push({
      kind: 'conversation',
      action: 'mark-interrupted',
      target: `${call.name} (${callId})`,
      reason: 'the call has no end in the log; it is shown as interrupted and not run again',
    });
  }
  return plan;
}

function planFolder({ session, fold }: SessionDetails, observed: Observed): RestoreAction {
  const target = fold.state.workingDirectory || session.workingDirectory;
  if (target === observed.cwd) return { kind: 'cwd', action: 'stay', target, reason: 'the session was in this folder' };
  if (observed.sessionFolder === 'there') {
    return { kind: 'cwd', action: 'enter', target, reason: 'the session was in that folder' };
  }
  return {
    kind: 'cwd',
    action: 'missing',
    target,
    reason: `there is no such folder now; it would go on in ${observed.cwd}`,
  };
}

function planConfig({ fold }: SessionDetails): RestoreAction[] {
  return Object.entries(fold.config).map(([key, value]) => ({
    kind: 'config',
    action: 'apply',
    target: `${key} = ${JSON.stringify(value)}`,
    reason: 'set for this session',
  }));
}
