// DuckDB itself, by the library that the program uses: reads what the portal sends, as an analyst would.
import { createRequire } from 'node:module';

const bindings = createRequire(import.meta.url)(`@duckdb/node-bindings-linux-${process.arch}/duckdb.node`);

/** Runs one statement in memory; the number of rows and the names of the columns. */
export async function duckdb(statement) {
  const database = await bindings.open(':memory:');
  const connection = await bindings.connect(database);
  const result = await bindings.query(connection, statement);
  const columns = Array.from({ length: bindings.column_count(result) }, (_, i) => bindings.column_name(result, i));
  let rows = 0;
  for (let chunk = await bindings.fetch_chunk(result); chunk; chunk = await bindings.fetch_chunk(result)) {
    const size = bindings.data_chunk_get_size(chunk);
    if (!size) break;
    rows += size;
  }
  return { rows, columns };
}
