/*
 * geo_cluster() in group_by (explore-api.md 3.7). One statement does it in two steps: points are counted
 * in the cells of a grid, an engine function joins the cells into clusters, and then the records are
 * grouped by the cluster of their cell, so that all aggregates are exact.
 */
#include "domain/odsql/compile.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/geometry.h"
#include "domain/odsql/registry.h"
#include "platform/geometry/cluster.h"

#define DEFAULT_PIXELS 40
#define ZOOM_MOST 25
#define PIXELS_MOST 1000

static enum err read_whole(struct translation *translation, const struct node *call, size_t at,
                           int least, int most, const char *what, int *ret_number)
{
    const struct node *node = call->children.items[at];
    if (node->kind != NODE_INT || node->number < least || node->number > most) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_CLUSTER_NUMBER,
                           SAYS(ARG_TEXT("what", str_from(what)),
                                argument_digits(&translation->scope->arena, "least", least),
                                argument_digits(&translation->scope->arena, "most", most)));
    }
    *ret_number = (int)node->number;
    return ERR_OK;
}

static void append_cell(const struct cluster_key *cluster, struct sql *out)
{
    sql_text(out, "cell_of_point(");
    append_point(cluster->field, out);
    sql_text(out, ", ");
    sql_bind(out, cell_int(cluster->precision));
    sql_text(out, "::bigint)");
}

enum err compile_cluster(struct compilation *compilation, const struct item *item, struct group_key *key)
{
    struct translation *translation = &compilation->translation;
    const struct node *call = item->expression;
    struct cluster_key *cluster = &compilation->cluster;
    int zoom;
    int pixels = DEFAULT_PIXELS;
    if (cluster->field) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_CLUSTER_ONCE, NULL);
    }
    if (item->alias.p) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_CLUSTER_ALIAS, NULL);
    }
    TRY(check_call(translation, call));
    TRY(read_geo_field(translation, call, true, false, &cluster->field));
    TRY(read_whole(translation, call, 1, 0, ZOOM_MOST, "zoom", &zoom));
    if (call->children.count == 3) {
        TRY(read_whole(translation, call, 2, 1, PIXELS_MOST, "radius", &pixels));
    }
    cluster->metres = cluster_radius(zoom, pixels);
    cluster->precision = cluster_precision(cluster->metres);
    sql_text(&key->value, "\"clusters.value\"");
    key->type = VALUE_TEXT;
    key->is_json = true;
    return ERR_OK;
}

void append_cluster_join(const struct compilation *compilation, struct sql *out)
{
    sql_text(out, "\"clusters.cell\" = ");
    append_cell(&compilation->cluster, out);
}

/* Coordinates are added as whole numbers: the sum of doubles depends on which thread comes first. */
static void append_centre(const struct source *source, str column, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("hugeint_double(sum(double_round(") : S("sum(round("));
    sql_name(out, column);
    sql_text_constant(out, is_postgres(source)
                               ? S(" * '1e9'::double precision, 0)::bigint)) / count(*) / "
                                   "'1e9'::double precision")
                               : S(" * 1e9)::bigint)::double precision / count(*) / 1e9"));
}

/* The cells with points: cell, size, and x and y of their centres. */
static void append_cells(const struct compilation *compilation, const struct sql *filter, bool filtered,
                         struct sql *out)
{
    const struct cluster_key *cluster = &compilation->cluster;
    const struct source *source = compilation->translation.source;
    sql_text(out, "select ");
    append_cell(cluster, out);
    sql_text(out, " as cell, count(*) as size, ");
    append_centre(source, field_longitude_column(out->arena, cluster->field), out);
    sql_text(out, " as x, ");
    append_centre(source, field_latitude_column(out->arena, cluster->field), out);
    sql_text(out, " as y from ");
    append_records(&compilation->translation, out);
    sql_text(out, " where ");
    if (filtered) {
        sql_join(out, filter);
        sql_text(out, " and ");
    }
    sql_name(out, field_longitude_column(out->arena, cluster->field));
    sql_text(out, " is not null group by 1");
}

void append_clusters(const struct compilation *compilation, const struct sql *filter, bool filtered,
                     struct sql *out)
{
    const struct source *source = compilation->translation.source;
    struct sql cells = sql_in(out->arena);
    append_cells(compilation, filter, filtered, &cells);
    if (is_postgres(source)) {
        sql_text(out, "with cells as materialized (");
        sql_join(out, &cells);
        sql_text(out, "), clusters as materialized (select cell as \"clusters.cell\", value collate \"C\" as "
                      "\"clusters.value\" from cluster_values(array(select cell from cells order by cell), "
                      "array(select size from cells order by cell), array(select x from cells order by cell), "
                      "array(select y from cells order by cell), ");
    } else {
        sql_text(out, "with clusters as materialized (select unnest(list(cell order by cell)) as "
                      "\"clusters.cell\", unnest(cluster_values(cell, size, x, y, ");
    }
    sql_bind(out, cell_double(compilation->cluster.metres));
    if (is_postgres(source)) {
        sql_text(out, "::double precision) as found (cell, value)) ");
    } else {
        sql_text(out, "::double precision)) as \"clusters.value\" from (");
        sql_join(out, &cells);
        sql_text(out, ") as cells) ");
    }
}
