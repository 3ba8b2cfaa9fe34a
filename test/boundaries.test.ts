// Who may import whom. The table in ARCHITECTURE.md is the data, so the page cannot say one thing and the code another.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Row {
  folder: string;
  mayImport: string[];
  typesOnly: string[];
  outside: string[];
}

interface Import {
  from: string;
  /** A file of ours, as a path below src/; or the specifier of something else. */
  to: string;
  isOurs: boolean;
  isType: boolean;
  isLazy: boolean;
}

function readTable(): Row[] {
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return cells.length === 5 && !/^(folder|-+)$/.test(cells[1]!)
      ? [cells.slice(1, 4) as [string, string, string]]
      : [];
  });
  return rows.map(([folder, mayImport, outside]) => {
    const names = mayImport.split(',').map((name) => name.trim());
    return {
      folder,
      mayImport: names.map((name) => name.replace(' (types only)', '')),
      typesOnly: names
        .filter((name) => name.endsWith(' (types only)'))
        .map((name) => name.replace(' (types only)', '')),
      outside: outside === 'nothing' ? [] : outside.split(',').map((name) => name.trim()),
    };
  });
}

const SOURCES: ReadonlyMap<string, string> = new Map(
  globSync('**/*.ts', { cwd: join(ROOT, 'src') })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => [path, readFileSync(join(ROOT, 'src', path), 'utf8')]),
);

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function importsOf(from: string): Import[] {
  return Array.from(withoutComments(SOURCES.get(from)!).matchAll(IMPORT), ([, type, fixed, lazy]) => {
    const specifier = (fixed ?? lazy)!;
    const isOurs = specifier.startsWith('.');
    const to = isOurs ? resolve('/', dirname(from), specifier).slice(1).replaceAll('\\', '/') : specifier;
    return { from, to, isOurs, isType: type !== undefined, isLazy: lazy !== undefined };
  });
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** The row that a file belongs to: the one with the longest folder it is in; null for the library's entry. */
function rowOf(path: string, table: Row[]): Row | null {
  const fitting = table.filter(({ folder }) => path.startsWith(`${folder}/`));
  return fitting.toSorted((a, b) => b.folder.length - a.folder.length)[0] ?? null;
}

describe('the dependency table', () => {
  const table = readTable();
  const imports = [...SOURCES.keys()].flatMap(importsOf);

  it('has a row for every folder, and names only folders that it has rows for', () => {
    assert.ok(table.length >= 8);
    for (const path of SOURCES.keys()) if (path !== 'index.ts') assert.ok(rowOf(path, table), `${path} is in no row`);
    const folders = new Set(table.map(({ folder }) => folder));
    for (const { mayImport } of table) for (const name of mayImport) assert.ok(folders.has(name), name);
  });

  it('is kept by every import of a file of ours', () => {
    const against = imports.filter(({ from, to, isOurs, isType }) => {
      const row = isOurs ? rowOf(from, table) : null;
      if (!row) return false;
      const target = rowOf(to, table)?.folder ?? 'index.ts';
      return !(row.mayImport.includes(target) || row.folder === target) || (row.typesOnly.includes(target) && !isType);
    });
    assert.deepEqual(
      against.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it('is kept by every import of something else', () => {
    const against = imports.filter(({ from, to, isOurs }) => {
      if (isOurs) return false;
      const outside = rowOf(from, table)?.outside ?? [];
      return !outside.some((name) => to === name || to.startsWith(`${name}/`));
    });
    assert.deepEqual(
      against.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it('finds the imports it is about', () => {
    assert.ok(imports.some(({ from, to }) => from === 'store/frame.ts' && to === 'node:zlib'));
    assert.ok(imports.some(({ from, to }) => from === 'store/frame.ts' && to === 'core/errors.ts'));
    for (const { to, isOurs } of imports) if (isOurs) assert.ok(SOURCES.has(to), `${to} is not there`);
  });

  it('leaves no circle of folders', () => {
    const edges = imports.filter(({ from, to, isOurs }) => isOurs && top(from) !== top(to));
    assert.deepEqual(circleIn(edges.map(({ from, to }) => [top(from), top(to)])), []);
  });

  it('leaves no circle of files that need one another to be loaded', () => {
    const edges = imports.filter(({ isOurs, isType, isLazy }) => isOurs && !isType && !isLazy);
    assert.deepEqual(circleIn(edges.map(({ from, to }) => [from, to])), []);
  });
});

describe('the core', () => {
  for (const [what, pattern] of Object.entries({
    'asks for no time': /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/,
    'rolls no dice': /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
    'knows no process': /\bprocess\.\w|\bglobalThis\b|\bconsole\.\w/,
  })) {
    it(what, () => {
      const files = [...SOURCES].filter(([path]) => path.startsWith('core/'));
      assert.ok(files.length > 5);
      const against = files.filter(([, source]) => pattern.test(withoutComments(source)));
      assert.deepEqual(
        against.map(([path]) => path),
        [],
      );
    });
  }
});

describe('the services', () => {
  it('print nothing and end no process', () => {
    const files = [...SOURCES].filter(([path]) => path.startsWith('cli/services/'));
    const pattern = /\bprocess\.(?:stdout|stderr|exit\b)|\bconsole\.\w/;
    const against = files.filter(([, source]) => pattern.test(withoutComments(source)));
    assert.deepEqual(
      against.map(([path]) => path),
      [],
    );
  });
});

function top(path: string): string {
  return path.split('/')[0]!;
}

/** One circle in a graph, as its nodes in order; empty when there is none. */
function circleIn(edges: [from: string, to: string][]): string[] {
  const next = Map.groupBy(edges, ([from]) => from);
  const done = new Set<string>();
  const visit = (node: string, way: string[]): string[] => {
    const at = way.indexOf(node);
    if (at >= 0) return [...way.slice(at), node];
    if (done.has(node)) return [];
    for (const [, to] of next.get(node) ?? []) {
      const circle = visit(to, [...way, node]);
      if (circle.length > 0) return circle;
    }
    done.add(node);
    return [];
  };
  for (const node of next.keys()) {
    const circle = visit(node, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
