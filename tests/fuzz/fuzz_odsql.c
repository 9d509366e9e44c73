/* Any bytes as any clause: never a crash, and an accepted plan binds as many values as it has places. */
#include "base/bug.h"
#include "domain/odsql/odsql.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_places(const struct sql *sql)
{
    const cell *values;
    size_t count;
    bool used[4096] = {false};
    str text = sql_render(sql, &values, &count);
    bug_if(text.n == 0 || count >= ARRAY_LENGTH(used));
    for (size_t i = 0; i < sql->parts.count; i++) {
        const struct sql_value *bound = sql->parts.items[i].bound;
        if (bound) {
            bug_if(bound->number == 0 || bound->number > count);
            used[bound->number] = true;
        }
    }
    for (size_t i = 1; i <= count; i++) {
        bug_if(!used[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct field fields[] = {
        {.name = S("name"), .type = FIELD_TEXT, .decimals = -1},
        {.name = S("n"), .type = FIELD_INT, .decimals = -1},
        {.name = S("x"), .type = FIELD_DOUBLE, .decimals = -1},
        {.name = S("d"), .type = FIELD_DATE, .decimals = -1},
        {.name = S("at"), .type = FIELD_DATETIME, .decimals = -1},
        {.name = S("tags"), .type = FIELD_TEXT, .multivalued = S(","), .decimals = -1},
        {.name = S("p"), .type = FIELD_GEO_POINT, .decimals = -1},
    };
    struct schema schema = {fields, ARRAY_LENGTH(fields)};
    struct source source = {.schema = &schema, .table = S("records"), .postings = S("postings")};
    if (size == 0) {
        return 0;
    }
    str text = {(const char *)bytes + 1, size - 1};
    struct clauses clauses = {.limit = 10, .now = INT64_C(1620302400000000)};
    struct scope scope;
    scope_open(&scope);
    switch (bytes[0] % 6) {
    case 0:
        clauses.select = text;
        break;
    case 1:
        clauses.group_by = text;
        clauses.select = S("count(*) as c");
        break;
    case 2:
        clauses.order_by = text;
        break;
    case 3:
        clauses.refine = &text;
        clauses.refine_count = 1;
        break;
    case 4: {
        struct facet_request facet;
        if (odsql_facet_parse(&scope, &source, text, &facet) == ERR_OK) {
            bug_if(!facet.field);
        }
        break;
    }
    default:
        clauses.where = &text;
        clauses.where_count = 1;
    }
    struct plan *plan;
    if (odsql_compile(&scope, &source, &clauses, &plan) == ERR_OK) {
        check_places(&plan->rows);
        check_places(&plan->total);
        bug_if(plan->output_count == 0);
    } else {
        bug_if(scope.failure.code == ERR_OK);
    }
    scope_close(&scope);
    return 0;
}
