/*
 * The same rows in both engines, and the same clauses asked of both. The database of PostgreSQL is named by
 * PARVIS_TEST_DATABASE; without it these tests are skipped.
 */
#ifndef TESTS_UNIT_ODSQL_DIALECTS_H
#define TESTS_UNIT_ODSQL_DIALECTS_H

#include "base/scope.h"
#include "domain/odsql/odsql.h"

/** Opens both engines and fills their tables; false: there is no PostgreSQL. */
bool dialects_open(void);
void dialects_close(void);

/** The source of the whole table; pointers of its own may be set in a copy. */
struct source dialects_source(void);

/**
 * Asks both engines for the rows and the total of clauses, or for a facet; false, and a report on standard
 * error, when they differ. source.engine is set here.
 */
bool dialects_agree(struct source source, const struct clauses *clauses);
bool dialects_facet_agree(struct source source, const struct clauses *clauses, const char *facet);

/** Asks both for a value that SQL of each calculates; false, and a report, when they differ. */
bool dialects_values_agree(const char *duckdb, const char *postgres);

#endif
