// Reads the tables of docs/cli-json.md, and holds values against them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface Field {
  type: string;
  optional: boolean;
}
export type Shapes = ReadonlyMap<string, Map<string, Field>>;

const DOCUMENT = readFileSync(new URL('../../docs/cli-json.md', import.meta.url), 'utf8');

/** Shape by heading; a heading that names several commands gives each of them the shape. */
export function documentedShapes(): Shapes {
  const shapes = new Map<string, Map<string, Field>>();
  for (const section of DOCUMENT.split(/^### /m).slice(1)) {
    const [heading = '', ...rest] = section.split('\n');
    const body = rest.join('\n').split(/^## /m)[0]!;
    const base = /^An? (\w+) and:$/m.exec(body)?.[1];
    const fields = new Map(base === undefined ? [] : shapes.get(base));
    for (const [, name, type, optional] of body.matchAll(/^\| `(\w+)` \| ([^|]+?)(, optional)? \|/gm)) {
      fields.set(name!, { type: type!, optional: optional !== undefined });
    }
    assert.ok(fields.size > 0, `${heading} has no fields`);
    for (const name of heading.split(', ')) shapes.set(name, fields);
  }
  return shapes;
}

/** Columns by command. */
export function documentedColumns(): Map<string, string> {
  const [, table = ''] = DOCUMENT.split('## Columns of plain and csv');
  return new Map(
    [...table.matchAll(/^\| `([^`]+)` \| ([A-Z_ ]+) \|$/gm)].map(([, name, columns]) => [name!, columns!]),
  );
}

/** Throws where the value is not of the documented shape. Notes in `seen` every field that was there. */
export function assertShape(shapes: Shapes, name: string, value: unknown, seen: Set<string>, at = name): void {
  const shape = shapes.get(name);
  assert.ok(shape, `${name} is not documented`);
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${at} is no object`);
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) assert.ok(shape.has(key), `${at}.${key} is not documented`);
  for (const [key, { type, optional }] of shape) {
    if (!(key in object)) assert.ok(optional, `${at}.${key} is documented and not there`);
    else {
      seen.add(`${name}.${key}`);
      assertType(shapes, type, object[key], seen, `${at}.${key}`);
    }
  }
}

function assertType(shapes: Shapes, type: string, value: unknown, seen: Set<string>, at: string): void {
  if (type.endsWith(' or null')) {
    if (value !== null) assertType(shapes, type.slice(0, -' or null'.length), value, seen, at);
  } else if (type.endsWith('[]')) {
    assert.ok(Array.isArray(value), `${at} is no array`);
    for (const [i, item] of value.entries()) assertType(shapes, type.slice(0, -2), item, seen, `${at}[${i}]`);
  } else if (type === 'string' || type === 'number' || type === 'boolean') {
    assert.equal(typeof value, type, at);
  } else if (shapes.has(type)) assertShape(shapes, type, value, seen, at);
  else if (type !== 'any')
    assert.ok(type.split(', ').includes(String(value)), `${at} is ${String(value)}, not ${type}`);
}
