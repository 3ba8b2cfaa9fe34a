// One command against a workload's index, as a process of its own:
//   index-child list HOME SESSIONS MESSAGES            the first page
//   index-child find HOME SESSIONS MESSAGES WORD       a search

import { SessionIndex } from '../src/store/index/session-index.ts';
import { storeLayout } from '../src/store/store-layout.ts';
import { WorkloadSource } from './workload.ts';

const [verb, home = '', sessions, messagesEach, word = ''] = process.argv.slice(2);
const layout = storeLayout(home);
const source = new WorkloadSource(layout, { sessions: Number(sessions), messagesEach: Number(messagesEach) });
const index = new SessionIndex({ source, layout, now: () => Date.now(), isHeld: () => false });
const count = verb === 'list' ? index.list().rows.length : (await index.find(word)).found.length;
index.close();
if (count === 0) throw new Error(`${verb} ${word} gave nothing`);
