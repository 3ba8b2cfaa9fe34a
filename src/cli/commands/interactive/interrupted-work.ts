// What a crash or an interruption left unfinished: shown on coming back, and gone on with as the user chooses. Nothing
// runs again by itself.

import { commandIn, oneLine } from '../../../core/message-text.ts';
import { safeText } from '../../../core/safe-text.ts';
import type { DanglingCall } from '../../services/agent/dangling-calls.ts';
import { processWords } from '../../services/open-calls.ts';
import { usage } from '../../args/parse-args.ts';
import type { Desk } from './desk.ts';
import { commandOf } from './greeting.ts';
import { runShellCommand } from './run-shell-command.ts';
import { interruptible, runTurn, turnScreen } from './run-turn.ts';

const OUTPUT_CHARACTERS = 400;

/** `/interrupted`: lists the calls; with a word runs them again, or marks them as failed. */
export async function interruptedWork(desk: Desk, choice: string): Promise<void> {
  const calls = (await desk.agent()).dangling();
  if (calls.length === 0) return desk.say('nothing was interrupted');
  switch (choice) {
    case '':
      for (const call of calls) for (const line of described(call)) desk.say(line);
      return desk.say(
        '/interrupted again runs them again, /interrupted failed marks them as failed; /continue goes on',
      );
    case 'again':
      for (const call of calls) await again(desk, call);
      return;
    case 'failed':
      for (const call of calls) await (await desk.agent()).markFailed(call);
      return desk.say(`marked as failed: ${calls.length}`);
    default:
      throw usage('/interrupted takes again or failed');
  }
}

/** `/continue`: lets the model go on where the last turn stopped. */
export async function goOn(desk: Desk): Promise<void> {
  const agent = await desk.agent();
  agent.assertModel();
  if (!agent.lastMessage()) throw usage('there is nothing to go on with yet');
  await runTurn(desk, null);
}

async function again(desk: Desk, dangling: DanglingCall): Promise<void> {
  const agent = await desk.agent();
  if (dangling.by === 'person') {
    await agent.markFailed(dangling);
    const command = commandIn(dangling.call.input);
    if (command === undefined) throw usage('what was to be run is no command', 'type it again behind !');
    await runShellCommand(desk, command);
    return;
  }
  agent.assertModel();
  const { screen, end } = await turnScreen(desk);
  try {
    await interruptible(desk, (signal) => agent.runAgain(dangling, screen, signal));
  } finally {
    end();
  }
}

function described({ call, output, process }: DanglingCall): string[] {
  const lines = [`interrupted: ${safeText(call.name)} ${safeText(commandOf(call.input))}`];
  if (output.trim() !== '') lines.push(`  it had printed: ${safeText(oneLine(output, OUTPUT_CHARACTERS))}`);
  if (process) lines.push(`  ${processWords(process)}${process.isRunning ? `; !kill ${process.pid} ends it` : ''}`);
  return lines;
}
