/* Functions over geo points and shapes. Private to this directory. */
#ifndef DOMAIN_ODSQL_GEOMETRY_H
#define DOMAIN_ODSQL_GEOMETRY_H

#include "domain/odsql/translate.h"

/** within_distance, in_bbox, intersects …: whether a call of that name is a condition over geometries. */
bool is_geometry_condition(str name);

/** Appends such a condition. A field without a geometry never fulfils one. */
enum err translate_geometry_condition(struct translation *translation, const struct node *node,
                                      struct sql *out) must_check;

/** distance, envelope, bbox. */
bool is_geometry_value(str name);

/** Appends such a value. */
enum err translate_geometry_value(struct translation *translation, const struct node *node,
                                  struct sql *out, enum value_type *ret_type) must_check;

/** A number written with or without a sign; false when the node is something else. */
bool read_number_node(const struct node *node, double *ret_number);

/** The geo field that the first argument of a call names, of one of the types that it takes. */
enum err read_geo_field(struct translation *translation, const struct node *call, bool points, bool shapes,
                        const struct field **ret_field) must_check;

/** Appends the two columns of a point, joined by ", ". */
void append_point(const struct field *field, struct sql *out);

#endif
