/* Functions over geo points and shapes. Private to this directory. */
#ifndef DOMAIN_ODSQL_GEOMETRY_H
#define DOMAIN_ODSQL_GEOMETRY_H

#include "domain/odsql/translate.h"

/** A number written with or without a sign; false when the node is something else. */
bool read_number_node(const struct node *node, double *ret_number);

/** The geo field that the first argument of a call names, of one of the types that it takes. */
enum err read_geo_field(struct translation *translation, const struct node *call, bool points, bool shapes,
                        const struct field **ret_field) must_check;

/** Appends the two columns of a point, joined by ", ". */
void append_point(const struct field *field, struct sql *out);

#endif
