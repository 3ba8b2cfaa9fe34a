// roo session usage

import type { Column } from '../../output/column.ts';
import { amount, size } from '../../output/units.ts';
import { factsView, rowsView } from '../../output/views.ts';
import type { Fact } from '../../output/views.ts';
import type { StorageInfo } from '../../types/storage-types.ts';
import { defineCommand, NO_ARGUMENTS, NO_FLAGS } from '../command.ts';
import { idShortener } from '../refs.ts';

type Large = StorageInfo['largest'][number];

export const command = defineCommand({
  description: ['Bytes by kind, the largest sessions, free disk space, and what a cleanup would free.'],
  flags: NO_FLAGS,
  arguments: NO_ARGUMENTS,
  examples: [
    { command: 'roo session usage', does: 'where the space goes' },
    { command: "roo session usage -f json | jq '.data.usage.totalBytes'", does: 'one number, for a script' },
  ],
  exits: [5],
  async run(context) {
    const cleanup = await context.services.cleanup();
    const { warnings, ...usage } = await cleanup.usage();
    context.report.warn(...warnings);
    const shortId = idShortener(
      context,
      usage.largest.map((one) => one.id),
    );
    const columns: Column<Large>[] = [
      { title: 'LARGEST', value: (one) => one.id, shown: (one) => shortId(one.id), style: () => 'yellow' },
      { title: 'SIZE', value: (one) => one.bytes, shown: (one) => size(one.bytes), align: 'right' },
      { title: 'NAME', value: (one) => one.name, widthMin: 10 },
    ];
    const facts = factsView(factsOf(usage));
    const largest = rowsView(columns, usage.largest, '');
    return {
      data: { usage },
      view: {
        ...facts,
        async *table(screen) {
          yield* facts.table(screen);
          if (usage.largest.length === 0) return;
          yield '\n';
          yield* largest.table(screen);
        },
      },
    };
  },
});

function factsOf(usage: Omit<StorageInfo, 'warnings'>): Fact[] {
  const bytes = (key: keyof typeof usage & string, label: string): Fact => {
    const value = usage[key] as number;
    return { key, label, value, shown: size(value) };
  };
  return [
    { key: 'sessionCount', label: 'Sessions', value: usage.sessionCount, shown: amount(usage.sessionCount) },
    bytes('totalBytes', 'Total'),
    bytes('logBytes', 'Logs'),
    bytes('blobBytes', 'Large parts'),
    bytes('trashBytes', 'Trash'),
    bytes('indexBytes', 'Index'),
    bytes('checkpointBytes', 'Checkpoints'),
    bytes('keptBytes', 'Kept by repairs'),
    bytes('freeDiskBytes', 'Free disk'),
    { ...bytes('reclaimableBytes', 'A cleanup frees'), style: 'bold' },
  ];
}
