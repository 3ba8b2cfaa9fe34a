// The output formats and which of them are for programs.

export const OUTPUT_FORMATS = ['table', 'plain', 'json', 'jsonl', 'yaml', 'csv', 'markdown'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export function isOutputFormat(text: string): text is OutputFormat {
  return (OUTPUT_FORMATS as readonly string[]).includes(text);
}

/** Formats whose document carries warnings and errors itself, so that stderr stays empty. */
export function hasEnvelope(format: OutputFormat): boolean {
  return format === 'json' || format === 'yaml';
}
