// Makes a database for the portal: node create_database.mjs STATE NAME. STATE says where the server is.
import { readFileSync } from 'node:fs';
import { createDatabase } from './server.mjs';

createDatabase(JSON.parse(readFileSync(process.argv[2], 'utf8')), process.argv[3]);
